import { formatTime, type Message, padTime } from '@concordat/protocol'
import { sql } from 'kysely'
import type { World } from '../lib/world.ts'
import type { Database, Transaction } from '../store/database.ts'
import type { EventRow } from '../store/schema.ts'
import type { EventLog, NewEvent } from './log.ts'
import { createRecentMessages } from './recent-messages.ts'
import { createRing } from './ring.ts'

export interface EventLogOptions {
  /** Local name. */
  readonly namespace: string
  readonly database: Database
  readonly world: Pick<World, 'now' | 'uuid'>
  /** How many of the newest events are kept in memory. Default 5,000. */
  readonly ringSize?: number
  /** Bounds of what `recentMessage` keeps. Default 5,000 messages and 8 MiB. */
  readonly recentMessages?: { readonly count: number; readonly bytes: number }
  /** Told of a listener that threw. Default: nothing happens. */
  readonly onListenerError?: (error: unknown) => void
}

/**
 * The log of one namespace. `seq` is shared by all namespaces of the database, so numbers may be missing between two
 * neighbours; what must hold is that memory has every event after `ring.completeFrom`, and the database the rest.
 */
export async function createEventLog(options: EventLogOptions): Promise<EventLog> {
  const { namespace, database, world } = options
  const ring = createRing(options.ringSize ?? 5_000, await newestSequence(database, namespace))
  const bounds = options.recentMessages ?? { count: 5_000, bytes: 8 * 1024 * 1024 }
  const recent = createRecentMessages(bounds.count, bounds.bytes)
  const listeners = new Set<(events: readonly EventRow[]) => void>()

  const publish = (rows: readonly EventRow[], messages?: ReadonlyMap<string, Message>): void => {
    for (const row of rows) {
      const message = messages?.get(row.reference)
      if (message) recent.add(row.reference, message)
    }
    ring.push(rows)
    for (const listener of [...listeners]) {
      try {
        listener(rows)
      } catch (error) {
        options.onListenerError?.(error)
      }
    }
  }

  return {
    async append(tx, events, messages) {
      if (events.length === 0) return []
      const rows = toRows(tx, events, namespace, world)
      await tx.insertMany('events', rows)
      tx.onCommit(() => publish(rows, messages))
      return rows
    },
    async read(after, limit) {
      return ring.after(after, limit) ?? (await readOlder(database, namespace, after, limit))
    },
    newest: () => ring.newest,
    onAppend(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    recentMessage: (id) => recent.get(id),
  }
}

function toRows(
  tx: Transaction,
  events: readonly NewEvent[],
  namespace: string,
  world: Pick<World, 'now' | 'uuid'>,
): EventRow[] {
  const first = tx.sequence('events', events.length)
  const created = padTime(formatTime(world.now()))
  return events.map((event, index) => ({
    seq: first + index,
    namespace,
    id: world.uuid(),
    type: event.type,
    reference: event.reference,
    correlator: event.correlator ?? null,
    tx: event.tx ?? null,
    topic: event.topic ?? null,
    created,
  }))
}

async function newestSequence(database: Database, namespace: string): Promise<number> {
  const row = await database.read
    .selectFrom('events')
    .select('seq')
    // Read from the end of the log: an index on the namespace would be read whole.
    .where(sql<string>`namespace || ''`, '=', namespace)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.seq ?? 0
}

async function readOlder(
  database: Database,
  namespace: string,
  after: number,
  limit: number,
): Promise<readonly EventRow[]> {
  return await database.read
    .selectFrom('events')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('seq', '>', after)
    .orderBy('seq', 'asc')
    .limit(limit)
    .execute()
}
