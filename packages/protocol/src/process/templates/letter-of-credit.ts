/** A bank pays against documents; its silence counts as acceptance. */
export const letterOfCredit = `flow: flow/1
name: letter-of-credit
version: 1.0.0
title: Letter of credit
description: >-
  A bank undertakes to pay the seller against documents. If the bank says nothing for five banking days after a
  presentation, the documents count as complying. A refused presentation may be made good before the credit expires,
  or honoured after all once the buyer waives the discrepancies.
govern: { consent: each, clock: block }
roles:
  applicant: { title: Buyer, one: true }
  issuer: { title: Issuing bank, one: true }
  advising: { title: Advising bank, one: true }
  beneficiary: { title: Seller, one: true }
calendars:
  banking:
    weekend: [6, 7]
    holidays: ["2026-12-25", "2027-01-01", "2027-03-26", "2027-03-29", "2027-12-25", "2028-01-01"]
    utcOffset: 60
state:
  amount: { schema: { type: string, format: decimal } }
  currency: { schema: { type: string } }
  expiry: { title: "Latest presentation, Unix seconds", schema: { type: integer } }
  latestShipment: { title: "Unix seconds", schema: { type: integer } }
  required: { title: Documents to present, schema: { type: array, items: { type: string } }, default: [] }
  documents:
    title: SHA-256 of each document lodged
    schema: { type: object, additionalProperties: { type: string, format: hash } }
    default: {}
  shippedAt: { schema: { type: integer } }
  presentedAt: { schema: { type: integer } }
  discrepancies: { schema: { type: array, items: { type: string } }, default: [] }
  waived: { schema: { type: boolean }, default: false }
  payment: { title: Reference of the payment, schema: { type: string } }
stages:
  credit:
    initial: draft
    values: [draft, issued, advised, presented, refused, honoured, settled, expired]
    final: [settled, expired]
steps:
  issue:
    title: Issue the credit
    by: [issuer]
    in: { credit: draft }
    input:
      type: object
      required: [amount, currency, expiry, latestShipment, required]
      properties:
        amount: { type: string, format: decimal }
        currency: { enum: [EUR, GBP, USD] }
        expiry: { type: integer }
        latestShipment: { type: integer }
        required: { type: array, minItems: 1, maxItems: 12, items: { type: string, minLength: 1, maxLength: 40 } }
    when:
      - { code: AMOUNT_POSITIVE, rule: input.amount > 0 }
      - { code: DATES, rule: now < input.latestShipment && input.latestShipment <= input.expiry }
      - { code: TRANSPORT_DOCUMENT, rule: '"transport" in input.required', message: A transport document is always required. }
    do:
      - { set: amount, to: input.amount }
      - { set: currency, to: input.currency }
      - { set: expiry, to: input.expiry }
      - { set: latestShipment, to: input.latestShipment }
      - { set: required, to: input.required }
    to: { credit: issued }
  advise: { title: Advise the credit to the seller, by: [advising], in: { credit: issued }, to: { credit: advised } }
  lodgeTransport:
    title: Lodge the transport document
    by: [beneficiary]
    in: { credit: [advised, refused] }
    input:
      type: object
      required: [hash, shippedAt]
      properties: { hash: { type: string, format: hash }, shippedAt: { type: integer } }
    when:
      - { code: NOT_SHIPPED_YET, rule: input.shippedAt <= now }
      - { code: LATE_SHIPMENT, rule: input.shippedAt <= state.latestShipment }
    do: [{ set: 'documents["transport"]', to: input.hash }, { set: shippedAt, to: input.shippedAt }]
  lodge:
    title: Lodge another document
    by: [beneficiary]
    in: { credit: [advised, refused] }
    input:
      type: object
      required: [kind, hash]
      properties: { kind: { type: string, maxLength: 40 }, hash: { type: string, format: hash } }
    when:
      - { code: NOT_REQUIRED, rule: input.kind in state.required }
      - { code: TRANSPORT_APART, rule: input.kind != "transport" }
    do: [{ set: "documents[input.kind]", to: input.hash }]
  present:
    title: Present the documents
    by: [beneficiary]
    in: { credit: [advised, refused] }
    when:
      - { code: DOCUMENTS_MISSING, rule: "state.required.all(kind, kind in state.documents)" }
      - { code: EXPIRED, rule: now <= state.expiry }
      - { code: LATE_PRESENTATION, rule: now <= state.shippedAt + duration("P21D") }
    do:
      - { set: presentedAt, to: now }
      - { set: discrepancies, to: "[]" }
      - { set: waived, to: "false" }
    output: { examineBy: 'addBusinessDays(now, 5, "banking")' }
    to: { credit: presented }
  refuse:
    title: Refuse, naming every discrepancy
    task: { priority: high, remind: [P3D], candidateHint: trade-operations }
    by: [issuer]
    in: { credit: presented }
    input:
      type: object
      required: [discrepancies]
      properties:
        discrepancies: { type: array, minItems: 1, maxItems: 20, items: { type: string, minLength: 1, maxLength: 200 } }
    do: [{ set: discrepancies, to: input.discrepancies }]
    to: { credit: refused }
  waive:
    title: Waive the discrepancies
    by: [applicant]
    in: { credit: refused }
    when: [{ code: ALREADY_WAIVED, rule: "!state.waived" }]
    do: [{ set: waived, to: "true" }]
  honour:
    title: Honour the presentation
    by: [issuer]
    in: { credit: [presented, refused] }
    when: [{ code: NOT_WAIVED, rule: stage.credit == "presented" || state.waived }]
    output: { amount: state.amount, currency: state.currency }
    to: { credit: honoured }
  settle:
    title: Confirm that the money has come
    by: [beneficiary, advising]
    in: { credit: honoured }
    input:
      type: object
      required: [reference]
      properties: { reference: { type: string, minLength: 1, maxLength: 140 } }
    do: [{ set: payment, to: input.reference }]
    to: { credit: settled }
deadlines:
  neverIssued: { track: credit, stage: draft, after: P30D, to: { credit: expired } }
  expiry: { track: credit, stage: [issued, advised, refused], due: state.expiry, to: { credit: expired } }
  examination:
    title: Silence for five banking days counts as acceptance
    track: credit
    stage: presented
    due: 'addBusinessDays(state.presentedAt, 5, "banking")'
    to: { credit: honoured }
`
