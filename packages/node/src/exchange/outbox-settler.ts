import type { NodeError } from '@concordat/protocol'
import type { Database, Transaction } from '../store/database.ts'
import type { OutboxRow } from '../store/schema.ts'

/** Told in the transaction that takes the rows out, so that what follows from it is never lost or doubled. */
export interface Settled {
  onDelivered(rows: readonly OutboxRow[], tx: Transaction): Promise<void>
  onFailed(row: OutboxRow, error: NodeError, tx: Transaction): Promise<void>
}

/** Writes outcomes down; each call resolves when its outcome is durable. */
export interface Settler {
  delivered(row: OutboxRow): Promise<void>
  failed(row: OutboxRow, error: NodeError): Promise<void>
  postpone(row: OutboxRow, due: number): Promise<void>
  /** Resolves when nothing is left to write. */
  settled(): Promise<void>
}

type Outcome =
  | { readonly kind: 'delivered'; readonly row: OutboxRow }
  | { readonly kind: 'failed'; readonly row: OutboxRow; readonly error: NodeError }
  | { readonly kind: 'postponed'; readonly row: OutboxRow; readonly due: number }

/** Outcomes that come while a transaction runs share the next one. Bounded by the lanes: each waits for its page. */
export function createSettler(database: Database, report: Settled): Settler {
  let pending: Outcome[] = []
  let next: Promise<void> | undefined
  let last: Promise<void> = Promise.resolve()

  const add = (outcome: Outcome): Promise<void> => {
    pending.push(outcome)
    if (next) return next
    const group = last
      .catch(() => {})
      .then(() => {
        const outcomes = pending
        pending = []
        next = undefined
        last = database.transaction((tx) => write(tx, outcomes, report))
        return last
      })
    next = group
    // A lane may hear of it only when its page is sent.
    group.catch(() => {})
    return group
  }

  return {
    delivered: (row) => add({ kind: 'delivered', row }),
    failed: (row, error) => add({ kind: 'failed', row, error }),
    postpone: (row, due) => add({ kind: 'postponed', row, due }),
    async settled() {
      while (next) await next.catch(() => {})
      await last.catch(() => {})
    },
  }
}

async function write(
  tx: Transaction,
  outcomes: readonly Outcome[],
  report: Settled,
): Promise<void> {
  const delivered: OutboxRow[] = []
  const gone: number[] = []
  for (const outcome of outcomes) {
    const { row } = outcome
    if (outcome.kind === 'postponed') {
      await tx.db
        .updateTable('outbox')
        .set({ due: outcome.due, attempts: row.attempts + 1 })
        .where('seq', '=', row.seq)
        .execute()
      continue
    }
    gone.push(row.seq)
    if (outcome.kind === 'delivered') delivered.push(row)
    else await report.onFailed(row, outcome.error, tx)
  }
  if (delivered.length > 0) await report.onDelivered(delivered, tx)
  for (let start = 0; start < gone.length; start += 500) {
    await tx.db
      .deleteFrom('outbox')
      .where('seq', 'in', gone.slice(start, start + 500))
      .execute()
  }
}
