import type { Message } from '@concordat/protocol'
import type { Transaction } from '../store/database.ts'
import type { EventRow } from '../store/schema.ts'

/** A fact to append. `message` is the object the event refers to, when the caller holds it: spares subscribers a read. */
export interface NewEvent {
  readonly type: string
  readonly reference: string
  readonly correlator?: string | null
  readonly tx?: string | null
  readonly topic?: string | null
}

/** The append-only log of a namespace. `seq` grows without regard to namespace; readers see rows in `seq` order. */
export interface EventLog {
  /** Appends in the caller's transaction; listeners hear of it after the commit. */
  append(
    tx: Transaction,
    events: readonly NewEvent[],
    messages?: ReadonlyMap<string, Message>,
  ): Promise<EventRow[]>
  /** Up to `limit` events after `after`, in order; served from memory when recent. */
  read(after: number, limit: number): Promise<readonly EventRow[]>
  /** Sequence of the newest event, 0 when there is none. */
  newest(): number
  /** Called after each commit that appended; returns a function that stops it. In-process waiters and dispatchers use it. */
  onAppend(listener: (events: readonly EventRow[]) => void): () => void
  /** A message the log was given lately, to enrich deliveries without a read. */
  recentMessage(id: string): Message | undefined
}
