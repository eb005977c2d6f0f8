/** Sealed quotes of competing suppliers, and an award. */
export const rfq = `flow: flow/1
name: rfq
version: 1.0.0
title: Request for quotation with sealed quotes
description: >-
  Suppliers seal their quotes until the closing time and open them afterwards, so that nobody can answer another's price.
  The seal is base64url(SHA-256(base64url(JSON of [salt, supplier, "price@days"]))), as the rule function "sealed" makes it,
  with the price in its shortest form: 9.5, not 9.50.
govern: { consent: each, clock: block }
roles:
  buyer: { one: true }
  supplier: { many: true, min: 1, max: 50 }
state:
  item: { schema: { type: string } }
  quantity: { schema: { type: integer } }
  currency: { schema: { type: string } }
  closesAt: { title: "Unix seconds", schema: { type: integer } }
  opensUntil: { title: "Unix seconds", schema: { type: integer } }
  seals: { schema: { type: object, additionalProperties: { type: string } }, default: {} }
  quotes:
    schema:
      type: object
      additionalProperties:
        type: object
        required: [price, days]
        properties: { price: { type: string, format: decimal }, days: { type: integer } }
    default: {}
  declined: { schema: { type: object, additionalProperties: { type: boolean } }, default: {} }
  awarded: { schema: { type: string, format: did } }
stages:
  main:
    initial: draft
    values: [draft, open, opening, evaluating, awarded, ordered, cancelled]
    final: [ordered, cancelled]
steps:
  ask:
    title: Ask for quotes
    by: [buyer]
    in: { main: draft }
    input:
      type: object
      required: [item, quantity, currency, closesAt, opensUntil]
      properties:
        item: { type: string, minLength: 1, maxLength: 200 }
        quantity: { type: integer, minimum: 1 }
        currency: { enum: [EUR, GBP, USD] }
        closesAt: { type: integer }
        opensUntil: { type: integer }
    when: [{ code: DATES, rule: now < input.closesAt && input.closesAt < input.opensUntil }]
    do:
      - { set: item, to: input.item }
      - { set: quantity, to: input.quantity }
      - { set: currency, to: input.currency }
      - { set: closesAt, to: input.closesAt }
      - { set: opensUntil, to: input.opensUntil }
    to: { main: open }
  quote:
    title: Hand in a sealed quote
    by: [supplier]
    in: { main: open }
    input:
      type: object
      required: [seal]
      properties: { seal: { type: string, minLength: 43, maxLength: 43 } }
    when:
      - { code: ALREADY_QUOTED, rule: "!(me in state.seals)" }
      - { code: COPIED_SEAL, rule: "!keys(state.seals).exists(k, state.seals[k] == input.seal)" }
    do: [{ set: "seals[me]", to: input.seal }]
  reveal:
    title: Open my quote
    by: [supplier]
    in: { main: opening }
    input:
      type: object
      required: [salt, price, days]
      properties:
        salt: { type: string, minLength: 22, maxLength: 64 }
        price: { type: string, format: decimal }
        days: { type: integer, minimum: 0, maximum: 3650 }
    when:
      - { code: NO_QUOTE, rule: me in state.seals }
      - { code: SEAL_BROKEN, rule: 'sealed(input.salt, me, string(input.price) + "@" + string(input.days)) == state.seals[me]' }
      - { code: PRICE_POSITIVE, rule: input.price > 0 }
    do: [{ set: "quotes[me]", to: '{"price": input.price, "days": input.days}' }]
  award:
    title: Award to a supplier
    by: [buyer]
    in: { main: evaluating }
    input:
      type: object
      required: [supplier]
      properties: { supplier: { type: string, format: did } }
    when:
      - { code: NO_SUCH_QUOTE, rule: input.supplier in state.quotes }
      - { code: HAS_DECLINED, rule: "!(input.supplier in state.declined)" }
    do: [{ set: awarded, to: input.supplier }]
    to: { main: awarded }
  confirm:
    title: Take the order
    by: [supplier]
    in: { main: awarded }
    when: [{ code: NOT_AWARDED, rule: me == state.awarded }]
    output: { supplier: me, price: "state.quotes[me].price", total: "state.quotes[me].price * state.quantity" }
    to: { main: ordered }
  decline:
    title: Decline the order
    by: [supplier]
    in: { main: awarded }
    when: [{ code: NOT_AWARDED, rule: me == state.awarded }]
    do: [{ set: "declined[me]", to: "true" }]
    to: { main: evaluating }
  cancel: { title: Cancel the request, by: [buyer], in: { main: [open, opening, evaluating] }, to: { main: cancelled } }
deadlines:
  neverAsked: { track: main, stage: draft, after: P30D, to: { main: cancelled } }
  close: { track: main, stage: open, due: state.closesAt, to: { main: opening } }
  opened: { track: main, stage: opening, due: state.opensUntil, to: { main: evaluating } }
  noAward: { track: main, stage: evaluating, after: P14D, to: { main: cancelled } }
  noAnswer:
    track: main
    stage: awarded
    after: P3D
    do: [{ set: "declined[state.awarded]", to: "true" }]
    to: { main: evaluating }
`
