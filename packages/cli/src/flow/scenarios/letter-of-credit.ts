/** A bank refuses documents, then stays silent. */
export const letterOfCredit = `title: Documents are refused once, and made good; then the bank stays silent, which counts as acceptance
start: 2026-12-01T09:00Z
parties: { applicant: importer, issuer: firstBank, advising: secondBank, beneficiary: exporter }
creator: firstBank
events:
  # Everybody has to join; before that, nothing counts.
  - { step: $join, by: importer }
  - { step: $join, by: secondBank }
  - step: issue
    by: firstBank
    input: &credit
      amount: "250000.00"
      currency: EUR
      latestShipment: !time 2027-01-15T00:00Z
      expiry: !time 2027-02-15T00:00Z
      required: [invoice, transport]
    expect: NOT_STARTED
  - { step: $join, by: exporter, expect: accepted }
  - { step: issue, by: firstBank, input: *credit, expect: accepted }
  - { step: advise, by: secondBank, expect: accepted }

  - step: lodgeTransport
    by: exporter
    after: P20D
    input:
      hash: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
      shippedAt: !time 2026-12-20T12:00Z
    expect: accepted
  - { step: present, by: exporter, expect: DOCUMENTS_MISSING }
  - step: lodge
    by: exporter
    input: { kind: invoice, hash: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb }
    expect: accepted
  - { step: present, by: exporter, expect: { verdict: accepted, stages: { credit: presented } } }
  - step: refuse
    by: firstBank
    after: P2D
    input: { discrepancies: [invoice not signed] }
    expect: { verdict: accepted, turn: { importer: [waive], exporter: [lodgeTransport, lodge, present] } }
  - step: lodge
    by: exporter
    input: { kind: invoice, hash: cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc }
    expect: accepted
  - { step: present, by: exporter, after: P1D, expect: accepted }

  # Five banking days: two weekends, Christmas and New Year's Day lie between.
  - wait: P12D
    expect: { fired: [examination], stages: { credit: honoured } }
  - step: refuse
    by: firstBank
    seen: 13
    input: { discrepancies: [late] }
    expect: { code: CONFLICT, rule: WRONG_STAGE, winner: examination }
  - step: settle
    by: exporter
    input: { reference: TRX-2027-0001 }
    expect: { verdict: accepted, closed: true }
`
