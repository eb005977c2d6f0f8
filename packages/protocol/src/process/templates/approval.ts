/** Two approvers, neither of them the one who asked. */
export const approval = `flow: flow/1
name: approval
version: 1.0.0
title: Approval by two others
description: What one party asks for takes effect once two different approvers, neither of them the one who asked, agree.
govern: { consent: standing, clock: block }
roles:
  requester: { many: true, min: 1, max: 50 }
  approver: { many: true, min: 2, max: 50 }
state:
  subject: { schema: { type: string } }
  amount: { schema: { type: string, format: decimal } }
  document: { title: SHA-256 of what is to be approved, schema: { type: string, format: hash } }
  requestedBy: { schema: { type: string, format: did } }
  firstApprover: { schema: { type: string, format: did } }
  secondApprover: { schema: { type: string, format: did } }
  reason: { schema: { type: string } }
stages:
  main:
    initial: draft
    values: [draft, requested, checked, approved, rejected, withdrawn, lapsed]
    final: [approved, rejected, withdrawn, lapsed]
steps:
  request:
    title: Ask for approval
    by: [requester]
    in: { main: draft }
    input: &request
      type: object
      required: [subject, amount, document]
      properties:
        subject: { type: string, minLength: 1, maxLength: 200 }
        amount: { type: string, format: decimal }
        document: { type: string, format: hash }
    when: [{ code: AMOUNT_POSITIVE, rule: input.amount > 0 }]
    do:
      - { set: subject, to: input.subject }
      - { set: amount, to: input.amount }
      - { set: document, to: input.document }
      - { set: requestedBy, to: me }
    to: { main: requested }
  revise:
    title: Change the request, which needs both approvals again
    by: [requester]
    in: { main: [requested, checked] }
    input: *request
    when:
      - { code: NOT_YOUR_REQUEST, rule: me == state.requestedBy }
      - { code: AMOUNT_POSITIVE, rule: input.amount > 0 }
    do:
      - { set: subject, to: input.subject }
      - { set: amount, to: input.amount }
      - { set: document, to: input.document }
      - { set: firstApprover, to: "null" }
    to: { main: requested }
  check:
    title: Approve first
    by: [approver]
    in: { main: requested }
    input: &approval
      type: object
      required: [document]
      properties: { document: { type: string, format: hash } }
    when:
      - { code: OWN_REQUEST, rule: me != state.requestedBy }
      - { code: DOCUMENT_CHANGED, rule: input.document == state.document }
    do: [{ set: firstApprover, to: me }]
    to: { main: checked }
  confirm:
    title: Approve second
    by: [approver]
    in: { main: checked }
    input: *approval
    when:
      - { code: OWN_REQUEST, rule: me != state.requestedBy }
      - { code: SAME_APPROVER, rule: me != state.firstApprover }
      - { code: DOCUMENT_CHANGED, rule: input.document == state.document }
    do: [{ set: secondApprover, to: me }]
    output: { subject: state.subject, amount: state.amount, approvers: "[state.firstApprover, me]" }
    to: { main: approved }
  reject:
    title: Reject
    by: [approver]
    in: { main: [requested, checked] }
    input:
      type: object
      required: [reason]
      properties: { reason: { type: string, minLength: 1, maxLength: 500 } }
    when: [{ code: OWN_REQUEST, rule: me != state.requestedBy }]
    do: [{ set: reason, to: input.reason }]
    to: { main: rejected }
  withdraw:
    title: Withdraw the request
    by: [requester]
    in: { main: [requested, checked] }
    when: [{ code: NOT_YOUR_REQUEST, rule: me == state.requestedBy }]
    to: { main: withdrawn }
deadlines:
  neverRequested: { track: main, stage: draft, after: P30D, to: { main: lapsed } }
  lapse: { track: main, stage: [requested, checked], after: P7D, to: { main: lapsed } }
`
