import type { Message } from '@concordat/protocol'
import { trimTime } from '@concordat/protocol'
import type { EventLog } from '../events/log.ts'
import type { Database } from '../store/database.ts'
import type { EventRow } from '../store/schema.ts'
import type { EventFacts } from './filter.ts'
import {
  decisionKey,
  readSubjects,
  type Subject,
  type SubjectKind,
  subjectOfMessage,
} from './subjects.ts'

/** An event with the object it refers to. */
export interface EnrichedEvent {
  readonly row: EventRow
  readonly facts: EventFacts
  /** For message events, when the message is known. */
  readonly message: Message | undefined
  /** The event as JSON text without its closing brace, so that a subscription can be appended. Made once. */
  text(): string
}

/** Attaches to events what they refer to: from memory when recent, else by one query per kind and page. */
export type Enrich = (rows: readonly EventRow[]) => Promise<readonly EnrichedEvent[]>

/** How many enriched events subscriptions of one namespace share. */
const SHARED = 2000

export function createEnrich(
  namespace: string,
  database: Database,
  log: Pick<EventLog, 'recentMessage'>,
): Enrich {
  const shared = new Map<number, EnrichedEvent>()

  const keep = (event: EnrichedEvent): EnrichedEvent => {
    shared.set(event.row.seq, event)
    if (shared.size > SHARED) {
      const oldest = shared.keys().next()
      if (!oldest.done) shared.delete(oldest.value)
    }
    return event
  }

  /** What the rows refer to, by `kind/id`: from memory, and the rest by page. */
  const collect = async (rows: readonly EventRow[]): Promise<ReadonlyMap<string, Subject>> => {
    const found = new Map<string, Subject>()
    const unknown = rows.filter((row) => {
      const message = log.recentMessage(row.reference)
      if (subjectKind(row) !== 'message' || !message) return true
      found.set(subjectKey(row), subjectOfMessage(message))
      return false
    })
    for (const [kind, group] of Map.groupBy(unknown, subjectKind)) {
      if (kind === undefined) continue
      const ids = new Set(group.map((row) => subjectId(kind, row)))
      const subjects = await readSubjects(database.read, namespace, kind, [...ids])
      for (const subject of subjects) found.set(`${kind}/${subject.id}`, subject)
    }
    return found
  }

  return async (rows) => {
    const found = await collect(rows.filter((row) => !shared.has(row.seq)))
    return rows.map((row) => {
      const subject = found.get(subjectKey(row))
      return shared.get(row.seq) ?? keep(enrichedEvent(row, subject))
    })
  }
}

/** Which object an event of this type carries, if any. */
function subjectKind({ type, reference, correlator }: EventRow): SubjectKind | undefined {
  switch (type) {
    case 'process_step_accepted':
    case 'process_step_rejected':
    case 'process_step_voided':
    case 'process_divergence_suspected':
      // A place in the order that is used up without a message.
      return reference === correlator ? 'process' : 'decision'
    case 'message_confirmed':
    case 'message_rejected':
      return 'message'
    case 'transaction_submitted':
      return 'transaction'
    case 'datatype_confirmed':
      return 'datatype'
    case 'identity_confirmed':
    case 'identity_updated':
      return 'identity'
    case 'blockchain_event_received':
      return 'blockchainEvent'
    case 'blockchain_invoke_op_succeeded':
    case 'blockchain_invoke_op_failed':
    case 'blockchain_contract_deploy_op_succeeded':
    case 'blockchain_contract_deploy_op_failed':
      return 'operation'
    default:
      return type.startsWith('process_') ? 'process' : undefined
  }
}

/** Under which what a row refers to is found. */
function subjectKey(row: EventRow): string {
  const { reference } = row
  const kind = subjectKind(row)
  if (kind === 'process') return `${kind}/${processOf(row)}`
  return `${kind}/${kind === 'decision' ? decisionKey(processOf(row), reference) : reference}`
}

/** By which it is read. */
const subjectId = (kind: SubjectKind, row: EventRow): string =>
  kind === 'process' ? processOf(row) : row.reference

const processOf = ({ correlator, reference }: EventRow): string => correlator ?? reference

function enrichedEvent(row: EventRow, subject: Subject | undefined): EnrichedEvent {
  let text: string | undefined
  return {
    row,
    message: subject?.message,
    facts: {
      type: row.type,
      topic: row.topic ?? '',
      tag: subject?.facts.tag ?? '',
      group: subject?.facts.group ?? '',
      author: subject?.facts.author ?? '',
      blockchainName: subject?.facts.blockchainName ?? '',
      blockchainListener: subject?.facts.blockchainListener ?? '',
      transactionType: subject?.facts.transactionType ?? '',
    },
    text() {
      text ??= openText(row) + (subject ? `,"${subject.kind}":${subject.text()}` : '')
      return text
    },
  }
}

function openText(row: EventRow): string {
  const event = JSON.stringify({
    id: row.id,
    sequence: row.seq,
    type: row.type,
    namespace: row.namespace,
    reference: row.reference,
    correlator: row.correlator ?? undefined,
    tx: row.tx ?? undefined,
    topic: row.topic ?? undefined,
    created: trimTime(row.created),
  })
  return event.slice(0, -1)
}
