/** Three suppliers are asked; one copies, one changes its price, one wins. */
export const rfq = `title: Quotes stay sealed until the closing time, and nobody can change one afterwards
start: 2026-12-01T09:00Z
parties: { buyer: maker, supplier: [acme, bolt, cord] }
events:
  - { step: $join, by: acme }
  - { step: $join, by: bolt }
  - { step: $join, by: cord, expect: accepted }
  - step: ask
    by: maker
    input:
      item: M8 bolts
      quantity: 5000
      currency: EUR
      closesAt: !time 2026-12-08T12:00Z
      opensUntil: !time 2026-12-10T12:00Z
    expect: { verdict: accepted, stages: { main: open } }

  # The seal of [salt, supplier, "price@days"]; the price in its shortest form.
  - step: quote
    by: acme
    input: { seal: !sealed [salt-of-acme-0123456789, !did acme, 9.5@10] }
    expect: accepted
  - step: quote
    by: bolt
    input: { seal: !sealed [salt-of-acme-0123456789, !did acme, 9.5@10] }
    expect: COPIED_SEAL
  - step: quote
    by: bolt
    input: { seal: !sealed [salt-of-bolt-0123456789, !did bolt, 9.25@12] }
    expect: accepted

  - wait: P8D
    expect: { fired: [close], stages: { main: opening } }
  - step: quote
    by: cord
    input: { seal: !sealed [salt-of-cord-0123456789, !did cord, 8@20] }
    expect: WRONG_STAGE
  - step: reveal
    by: acme
    input: { salt: salt-of-acme-0123456789, price: "9.20", days: 10 }
    expect: SEAL_BROKEN
  - step: reveal
    by: acme
    input: { salt: salt-of-acme-0123456789, price: "9.50", days: 10 }
    expect: accepted
  - step: reveal
    by: bolt
    input: { salt: salt-of-bolt-0123456789, price: "9.25", days: 12 }
    expect: accepted

  - step: award
    by: maker
    after: P2D
    input: { supplier: !did bolt }
    expect: { verdict: accepted, fired: [opened], turn: { acme: [], bolt: [confirm, decline] } }
  - step: confirm
    by: bolt
    expect:
      verdict: accepted
      closed: true
      output: { supplier: !did bolt, price: "9.25", total: "46250" }
`
