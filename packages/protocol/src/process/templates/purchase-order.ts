/** Two parties negotiate an order, and one delivers, invoices and is paid. */
export const purchaseOrder = `flow: flow/1
govern: { consent: standing, clock: block }
name: purchase-order
version: 1.0.0
title: Purchase order with negotiation
roles: { buyer: { one: true }, seller: { one: true } }
state:
  item: { schema: { type: string } }
  qty: { schema: { type: integer } }
  price: { schema: { type: string, format: decimal } }
  currency: { schema: { type: string } }
  offeredBy: { schema: { type: string } }
  round: { schema: { type: integer }, default: 0 }
  deliveredQty: { schema: { type: integer }, default: 0 }
  invoiceTotal: { schema: { type: string, format: decimal } }
stages:
  main:
    initial: draft
    values: [ draft, offered, agreed, delivered, invoiced, paid, declined, expired, disputed ]
    final: [ paid, declined, expired ]
steps:
  propose:
    title: Propose terms
    by: [ buyer ]
    in: { main: draft }
    input:
      type: object
      required: [ item, qty, price, currency ]
      properties:
        item: { type: string, maxLength: 80 }
        qty: { type: integer, minimum: 1 }
        price: { type: string, format: decimal }
        currency: { enum: [ EUR, USD, GBP ] }
    when: [ { code: PRICE_POSITIVE, rule: input.price > 0 } ]
    do:
      - { set: item, to: input.item }
      - { set: qty, to: input.qty }
      - { set: price, to: input.price }
      - { set: currency, to: input.currency }
      - { set: offeredBy, to: role }
      - { set: round, to: "1" }
    to: { main: offered }
  counter:
    title: Counter-offer
    by: [ buyer, seller ]
    in: { main: offered }
    input: { type: object, required: [ price ], properties: { price: { type: string, format: decimal } } }
    when:
      - { code: NOT_YOUR_TURN, rule: state.offeredBy != role }
      - { code: ROUND_LIMIT, rule: state.round < 10 }
      - { code: PRICE_POSITIVE, rule: input.price > 0 }
      - { code: MIN_MOVE, rule: input.price != state.price }
    do: [ { set: price, to: input.price }, { set: offeredBy, to: role }, { set: round, to: state.round + 1 } ]
    to: { main: offered }
  accept:
    title: Accept offer
    by: [ buyer, seller ]
    in: { main: offered }
    input: { type: object, required: [ round ], properties: { round: { type: integer } } }
    when:
      - { code: NOT_YOUR_TURN, rule: state.offeredBy != role }
      - { code: OFFER_CHANGED, rule: input.round == state.round }
    to: { main: agreed }
  withdraw:
    title: Withdraw my offer
    by: [ buyer, seller ]
    in: { main: offered }
    when: [ { code: NOT_YOUR_OFFER, rule: state.offeredBy == role } ]
    to: { main: declined }
  deliver:
    title: Confirm delivery
    by: [ seller ]
    in: { main: agreed }
    input: { type: object, required: [ qty ], properties: { qty: { type: integer, minimum: 1 } } }
    when: [ { code: OVER_DELIVERY, rule: state.deliveredQty + input.qty <= state.qty } ]
    do: [ { set: deliveredQty, to: state.deliveredQty + input.qty } ]
    to: { main: delivered }
  invoice:
    title: Send invoice
    by: [ seller ]
    in: { main: delivered }
    input:
      type: object
      required: [ net, vatRate, total ]
      properties:
        net: { type: string, format: decimal }
        vatRate: { type: string, format: decimal }
        total: { type: string, format: decimal }
    when:
      - { code: NET_MISMATCH, rule: input.net == state.price * state.deliveredQty }
      - { code: TOTAL_MISMATCH, rule: 'input.total == round(input.net * (1 + input.vatRate), 2, "HALF_UP")' }
    do: [ { set: invoiceTotal, to: input.total } ]
    to: { main: invoiced }
  dispute: { title: Dispute invoice, by: [ buyer ], in: { main: invoiced }, to: { main: disputed } }
  resolve: { title: Withdraw dispute, by: [ buyer ], in: { main: disputed }, to: { main: invoiced } }
  pay: { title: Record payment, by: [ seller ], in: { main: invoiced }, to: { main: paid } }
deadlines: { offerExpires: { track: main, stage: offered, after: P2D, to: { main: expired } } }
`
