import { RawJson } from '@concordat/protocol'
import { getEventByID, getEvents } from '@concordat/protocol/routes'
import type { Namespace } from '../../namespace.ts'
import type { EventRow } from '../../store/schema.ts'
import { eventFields, getEvent, listEvents } from '../../store/tables/events.ts'
import { createEnrich } from '../../subscribers/enrich.ts'
import { handle, ListReply } from '../handler.ts'
import { hasFlag, type Query } from '../query.ts'
import { getOne, listOf, uuidOf } from './find.ts'

const wantsReferences = (query: Query): boolean =>
  hasFlag(query, 'fetchreferences') || hasFlag(query, 'fetchreference')

/** Events with the objects they refer to, as text. */
async function withReferences(
  { name, database, events }: Namespace,
  ids: readonly string[],
): Promise<RawJson[]> {
  if (ids.length === 0) return []
  const rows: EventRow[] = await database.read
    .selectFrom('events')
    .selectAll()
    .where('namespace', '=', name)
    .where('id', 'in', ids)
    .execute()
  const enriched = await createEnrich(name, database, events)(rows)
  const byId = new Map(enriched.map((event) => [event.row.id, new RawJson(`${event.text()}}`)]))
  return ids.flatMap((id) => byId.get(id) ?? [])
}

export const eventHandlers = [
  handle(getEvents, async (call, context) => {
    const { items, total } = await listOf(call, context, eventFields, listEvents)
    if (!wantsReferences(call.query)) return new ListReply(items, total)
    const ids = items.map(({ id }) => id)
    return new ListReply(await withReferences(call.namespace, ids), total)
  }),
  handle(getEventByID, async ({ namespace, params, query }) => {
    const event = await getOne(namespace, getEvent, uuidOf(params.eid))
    if (!wantsReferences(query)) return event
    const [enriched] = await withReferences(namespace, [event.id])
    return enriched ?? event
  }),
]
