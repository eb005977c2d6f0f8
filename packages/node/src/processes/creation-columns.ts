import type { ProcessEventRow, ProcessRow } from '../store/process-schema.ts'
import type { CreationOutcome } from './creation.ts'
import { columnsOf } from './instance.ts'

type Columns = Omit<
  ProcessRow,
  | 'seq'
  | 'namespace'
  | 'id'
  | 'groupHash'
  | 'creator'
  | 'message'
  | 'saved'
  | 'savedEvent'
  | 'created'
  | 'updated'
>

/** The view of an instance that there is not yet, or can't be. */
export const NO_VIEW = '{}'

/** What of an instance's row follows from its creation. */
function columnsOfCreation(outcome: CreationOutcome, event: ProcessEventRow): Columns {
  const nextEvent = event.seq + 1
  if (outcome.kind === 'created') {
    const { state, flow, name, version } = outcome
    return { ...columnsOf(state), flow, name, version, nextEvent }
  }
  const { kind, flow, reason, name, version } = outcome
  return {
    status: kind,
    reason,
    n: 0,
    hash: '',
    clock: event.time,
    nextDue: null,
    view: NO_VIEW,
    flow,
    name,
    version,
    // What waits is looked at again.
    nextEvent: kind === 'refused' ? nextEvent : event.seq,
  }
}

/** The row of an instance that nothing was known of. */
export const firstRow = (
  outcome: CreationOutcome,
  event: ProcessEventRow,
  now: string,
): ProcessRow => ({
  seq: 0,
  namespace: event.namespace,
  id: event.process,
  groupHash: event.groupHash,
  creator: event.author,
  message: event.message ?? '',
  saved: null,
  savedEvent: event.seq,
  created: now,
  updated: now,
  ...columnsOfCreation(outcome, event),
})
