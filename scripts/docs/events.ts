import { type EventType, eventTypes } from '../../packages/protocol/src/index.ts'
import { code, generated, markdownTable } from './table.ts'

interface Meaning {
  readonly says: string
  /** What the event's `reference` names; it comes with the event, except data. */
  readonly reference: string
  readonly topic: string
}

const later: Meaning = { says: 'Not raised by this version', reference: '', topic: '' }

const ofStep = (says: string): Meaning => ({
  says,
  reference: 'the message of the step; comes with its `decision`',
  topic: '`ffp-{process}`',
})
const ofProcess = (says: string): Meaning => ({
  says,
  reference: 'the message behind it, or the process; comes with the `process`',
  topic: '`ffp-{process}`',
})

/** A new type of event does not compile until it is described. */
const meanings: Readonly<Record<EventType, Meaning>> = {
  transaction_submitted: {
    says: 'A batch of this node begins its way to the chain',
    reference: 'transaction',
    topic: "the transaction's type",
  },
  message_confirmed: {
    says: 'A message is agreed on: all its data is here, and its place in the order is final',
    reference: 'message',
    topic: "the message's; one event for each",
  },
  message_rejected: {
    says: 'A message has its place in the order, but is not valid; every member says so alike',
    reference: 'message',
    topic: "the message's; one event for each",
  },
  datatype_confirmed: {
    says: 'A datatype is agreed on',
    reference: 'datatype',
    topic: '`ff_definition`',
  },
  identity_confirmed: {
    says: 'An identity is registered',
    reference: 'identity',
    topic: '`ff_definition`',
  },
  identity_updated: {
    says: 'The profile of an identity has changed',
    reference: 'identity',
    topic: '`ff_definition`',
  },
  blockchain_event_received: {
    says: "An event of the network's contract was read from the chain",
    reference: 'blockchain event',
    topic: '`ff_batch_pin`',
  },
  token_pool_confirmed: later,
  token_pool_op_failed: later,
  token_transfer_confirmed: later,
  token_transfer_op_failed: later,
  token_approval_confirmed: later,
  token_approval_op_failed: later,
  contract_interface_confirmed: later,
  contract_api_confirmed: later,
  blockchain_invoke_op_succeeded: later,
  blockchain_invoke_op_failed: later,
  blockchain_contract_deploy_op_succeeded: later,
  blockchain_contract_deploy_op_failed: later,
  process_created: ofProcess('A process has begun; with `status` `open` some parties have to join'),
  process_step_accepted: ofStep('A step counts'),
  process_step_rejected: ofStep('A step does not count: the decision says why, and who came first'),
  process_step_voided: ofStep('A step is none: unreadable, or the same wish again'),
  process_deadline_fired: ofProcess('A deadline has passed, and the process went on'),
  process_task_opened: ofProcess('A party could take a step'),
  process_task_due: ofProcess('The time for it is up'),
  process_task_closed: ofProcess('It was taken, or is no longer possible'),
  process_closed: ofProcess('A process has ended, or can never begin: its `status` says which'),
  process_blocked: ofProcess('A process stands still: `/processes/{id}/why` says what for'),
  process_unblocked: ofProcess('It goes on'),
  process_divergence_suspected: ofStep('Its author has seen another history than this node'),
}

const introduction = `Each namespace has one log of events, only ever added to; an event's \`sequence\` is its place in it, and its \`id\` stays the same
however often it is delivered. A subscription reads the log from a position of its own, through a filter, over a transport.

**Over a WebSocket**, at \`/ws\` or \`/api/v1/namespaces/{namespace}/ws\`: the client sends
\`{"type":"start","namespace":"default","name":"…"}\` for a subscription that was made before, or with \`"ephemeral":true\` and a
\`filter\` for one that lives as long as the connection. The node sends events, at most \`readAhead\` ahead; the client answers each with
\`{"type":"ack","id":"<event id>"}\`. What was not acknowledged comes again with the next connection. With \`options.batch\` they come as
\`event_batch\`, and one acknowledgement stands for the batch. What a client does wrong is a \`protocol_error\`, and ends the connection.

**As a webhook**, with \`"transport":"webhooks"\` and \`options.url\`. With \`confirmationMode\` \`assured\`, the default, the position
moves on only when the target has answered with 2xx; until then the call is made again, with growing pauses. After a day
(\`events.webhooks.retryFor\`) the subscription pauses and shows in \`/blocked\`, with the ways out: skip, or resume.
With \`options.secret\` each call is signed in the form of Standard Webhooks. Addresses on this machine and in private networks are called
only if the configuration allows them (\`events.webhooks.allowedRanges\`).

**Filters** are patterns in RE2's syntax, not anchored: \`events\`, \`topic\`, \`message.tag\`, \`message.group\`, \`message.author\`,
\`transaction.type\`, \`blockchainevent.name\`. An event passes when all that are given match.

**Of processes** are the events whose type begins with \`process_\`. They go only to subscriptions whose filter names \`events\` and
matches them, so that a client that knows nothing of processes hears nothing new. Their \`correlator\` is the process. A step is a
message too: its \`message_confirmed\` says that it has its place in the order, also when it was rejected as a step.

Delivery is in order and at least once: after a crash, on either side, an event may come a second time, with the same id.`

/** Every type of event. */
export function eventsPage(): string {
  const rows = eventTypes.map((type) => {
    const { says, reference, topic } = meanings[type]
    return [code(type), says, reference, topic]
  })
  const table = markdownTable(['type', 'says', 'reference', 'topic'], rows)
  return ['# Events', generated, introduction, '## Types', table].join('\n\n')
}
