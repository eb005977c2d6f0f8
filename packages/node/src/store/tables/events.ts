import { type Event, trimTime } from '@concordat/protocol'
import type { Kysely } from 'kysely'
import { inNamespace, type List, readPage } from '../collections.ts'
import { type FilterFields, integer, text, time, uuid } from '../filter-fields.ts'
import type { EventRow, Tables } from '../schema.ts'

export const eventFields = {
  id: uuid('id'),
  type: text('type'),
  reference: uuid('reference'),
  correlator: uuid('correlator'),
  tx: uuid('tx'),
  topic: text('topic'),
  sequence: integer('seq'),
  created: time('created'),
} satisfies FilterFields

export function rowToEvent(row: EventRow): Event {
  return {
    id: row.id,
    sequence: row.seq,
    type: row.type,
    namespace: row.namespace,
    reference: row.reference,
    ...(row.correlator !== null && { correlator: row.correlator }),
    ...(row.tx !== null && { tx: row.tx }),
    ...(row.topic !== null && { topic: row.topic }),
    created: trimTime(row.created),
  }
}

export const listEvents: List<'events', Event> = (db, namespace, filter, also) =>
  readPage(
    db
      .selectFrom('events')
      .selectAll()
      .where((eb) => inNamespace(eb, namespace, filter, also)),
    filter,
    rowToEvent,
  )

export async function getEvent(
  db: Kysely<Tables>,
  namespace: string,
  id: string,
): Promise<Event | undefined> {
  const row = await db
    .selectFrom('events')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && rowToEvent(row)
}
