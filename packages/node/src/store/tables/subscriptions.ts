import { type Subscription, trimTime } from '@concordat/protocol'
import type { Kysely } from 'kysely'
import { inNamespace, type List, readPage } from '../collections.ts'
import { type FilterFields, json, text, time, uuid } from '../filter-fields.ts'
import type { SubscriptionRow, Tables } from '../schema.ts'

export const subscriptionFields = {
  id: uuid('id'),
  name: text('name'),
  transport: text('transport'),
  events: text('filter'),
  filters: json('filter'),
  options: text('options'),
  created: time('created'),
} satisfies FilterFields

export function rowToSubscription(row: SubscriptionRow): Subscription {
  return {
    id: row.id,
    namespace: row.namespace,
    name: row.name,
    transport: row.transport,
    filter: JSON.parse(row.filter),
    options: JSON.parse(row.options),
    created: trimTime(row.created),
    updated: trimTime(row.updated),
  }
}

export const listSubscriptions: List<'subscriptions', Subscription> = (
  db,
  namespace,
  filter,
  also,
) =>
  readPage(
    db
      .selectFrom('subscriptions')
      .selectAll()
      .where((eb) => inNamespace(eb, namespace, filter, also)),
    filter,
    rowToSubscription,
  )

export async function getSubscription(
  db: Kysely<Tables>,
  namespace: string,
  id: string,
): Promise<Subscription | undefined> {
  const row = await db
    .selectFrom('subscriptions')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && rowToSubscription(row)
}

export async function getSubscriptionByName(
  db: Kysely<Tables>,
  namespace: string,
  name: string,
): Promise<Subscription | undefined> {
  const row = await db
    .selectFrom('subscriptions')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('name', '=', name)
    .executeTakeFirst()
  return row && rowToSubscription(row)
}
