import type { Message } from '@concordat/protocol'
import { trimTime } from '@concordat/protocol'
import type { EventLog } from '../events/log.ts'
import type { Database } from '../store/database.ts'
import type { EventRow } from '../store/schema.ts'
import type { EventFacts } from './filter.ts'
import { readSubjects, type Subject, type SubjectKind, subjectOfMessage } from './subjects.ts'

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
    const missing = new Map<SubjectKind, Set<string>>()
    const ask = (kind: SubjectKind, id: string): void => {
      missing.set(kind, (missing.get(kind) ?? new Set()).add(id))
    }
    for (const { type, reference } of rows) {
      const kind = subjectKind(type)
      const message = log.recentMessage(reference)
      if (kind === 'message' && message) {
        found.set(`message/${reference}`, subjectOfMessage(message))
      } else if (kind) ask(kind, reference)
    }
    for (const [kind, ids] of missing) {
      const subjects = await readSubjects(database.read, namespace, kind, [...ids])
      for (const subject of subjects) found.set(`${kind}/${subject.id}`, subject)
    }
    return found
  }

  return async (rows) => {
    const found = await collect(rows.filter((row) => !shared.has(row.seq)))
    return rows.map((row) => {
      const subject = found.get(`${subjectKind(row.type)}/${row.reference}`)
      return shared.get(row.seq) ?? keep(enrichedEvent(row, subject))
    })
  }
}

/** Which object an event of this type carries, if any. */
function subjectKind(type: string): SubjectKind | undefined {
  switch (type) {
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
      return undefined
  }
}

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
