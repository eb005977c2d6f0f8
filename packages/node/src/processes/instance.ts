import { describeInstance, type InstanceState } from '@concordat/protocol/process'
import type { ProcessRow } from '../store/process-schema.ts'

/** An instance in memory: its row, and its state once its creation is decided. */
export interface Instance {
  readonly row: ProcessRow
  readonly state: InstanceState | undefined
  /** Decisions that are in `row.saved`. */
  readonly savedN: number
}

/** What of a row follows from the state. */
export function columnsOf(
  state: InstanceState,
): Pick<ProcessRow, 'status' | 'reason' | 'n' | 'hash' | 'clock' | 'nextDue' | 'view'> {
  const { situation, n, hash, clock, stop } = state
  const due = situation.dues.find(({ fired }) => !fired)
  return {
    status: statusOf(state),
    reason: reasonOf(state),
    n,
    hash,
    clock,
    nextDue: stop || !due ? null : due.at,
    view: JSON.stringify(describeInstance(state)),
  }
}

function statusOf({ situation, stop }: InstanceState): string {
  if (stop) return stop.kind
  if (situation.closed) return 'closed'
  return situation.waiting.length > 0 ? 'open' : 'running'
}

function reasonOf({ stop }: InstanceState): string | null {
  if (!stop) return null
  return stop.kind === 'parked'
    ? `it uses ${stop.feature}, which this version does not know`
    : stop.reason
}
