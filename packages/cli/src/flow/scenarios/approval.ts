/** Two others approve, not the one who asked, and not one of them twice. */
export const approval = `title: Two others must approve, and a change asks for both again
start: 2026-12-01T09:00Z
parties: { requester: [ann, ben], approver: [ann, carl, dora] }
events:
  - step: request
    by: ann
    input: &request
      subject: New press for hall 2
      amount: "84000"
      document: a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1
    expect: accepted
  - step: check
    by: ann
    input: { document: a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1 }
    expect: OWN_REQUEST
  - step: check
    by: carl
    input: { document: a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1 }
    expect: { verdict: accepted, state: { firstApprover: did:firefly:org/carl } }
  - step: confirm
    by: carl
    input: { document: a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1 }
    expect: SAME_APPROVER

  # The request changes while the second approval is on its way.
  - race:
      - step: revise
        by: ann
        input:
          subject: New press for hall 2
          amount: "91000"
          document: b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2
        expect: accepted
      - step: confirm
        by: dora
        input: { document: a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1 }
        expect: { code: CONFLICT, winner: revise }
    expect: { stages: { main: requested }, state: { firstApprover: null } }

  - step: check
    by: dora
    after: P1D
    input: { document: b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2 }
    expect: accepted
  - step: confirm
    by: carl
    input: { document: b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2 }
    expect:
      verdict: accepted
      closed: true
      output:
        subject: New press for hall 2
        amount: "91000"
        approvers: [did:firefly:org/dora, did:firefly:org/carl]
`
