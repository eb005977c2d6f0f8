/** Two negotiate, act at once, and one of them wins. */
export const purchaseOrder = `title: Both act at once, one wins, and the other is told who won
start: 2026-12-01T09:00Z
parties: { buyer: alice, seller: bob }
events:
  - step: propose
    by: alice
    input: { item: steel coil, qty: 10, price: "100.00", currency: EUR }
    expect: { verdict: accepted, stages: { main: offered }, turn: { alice: [withdraw], bob: [counter, accept] } }
  - step: counter
    by: bob
    after: PT2H
    input: { price: "112.50" }
    expect: { verdict: accepted, state: { price: "112.50", round: 2 } }
  - step: counter
    by: bob
    input: { price: "120.00" }
    expect: NOT_YOUR_TURN

  # Three clerks act at the same moment; the chain puts them in this order.
  - race:
      - { step: accept, by: alice, input: { round: 2 }, expect: accepted }
      - { step: withdraw, by: bob, expect: { code: CONFLICT, rule: WRONG_STAGE, winner: accept } }
      - { step: accept, by: alice, input: { round: 2 }, expect: { code: CONFLICT, winner: 4 } }
    expect: { stages: { main: agreed }, turn: { alice: [], bob: [deliver] } }

  - step: deliver
    by: bob
    after: P5D
    input: { qty: 10 }
    expect: accepted
  - step: invoice
    by: bob
    input: { net: "1125.00", vatRate: "0.19", total: "1338.76" }
    expect: TOTAL_MISMATCH
  - step: invoice
    by: bob
    input: { net: "1125.00", vatRate: "0.19", total: "1338.75" }
    expect: accepted
  - step: pay
    by: bob
    after: P14D
    expect: { verdict: accepted, stages: { main: paid }, closed: true }
`
