import {
  formatTime,
  NodeError,
  type Subscription,
  type SubscriptionInput,
} from '@concordat/protocol'
import type { EventLog } from '../events/log.ts'
import type { World } from '../lib/world.ts'
import type { Database, Transaction } from '../store/database.ts'
import { rowToSubscription } from '../store/tables/subscriptions.ts'
import { OFFSET_TYPE } from './offsets.ts'
import {
  type CheckedSubscription,
  checkSubscription,
  resolveFirstEvent,
  toRow,
  withSecret,
} from './subscription-rows.ts'
import type { EventTransport } from './transport.ts'
import { forgetTries } from './webhook/tried-since.ts'

export interface SubscriptionStoreOptions {
  readonly namespace: string
  readonly database: Database
  readonly log: Pick<EventLog, 'newest'>
  readonly world: Pick<World, 'now' | 'uuid'>
  readonly transports: ReadonlyMap<string, EventTransport>
  readonly defaultTransport: string
  readonly maxSubscriptions: number
}

/** A subscription and the sequence up to which it has been served. */
export interface Positioned {
  readonly subscription: Subscription
  readonly position: number
}

/** The rows of a namespace's subscriptions. */
export interface SubscriptionStore {
  all(): Promise<readonly Positioned[]>
  /** Throws FF10193 when the name is taken and `replace` is false. */
  save(input: SubscriptionInput, replace: boolean): Promise<Positioned>
  /** Throws FF10109 when there is none. */
  remove(id: string): Promise<Subscription>
}

export function createSubscriptionStore(options: SubscriptionStoreOptions): SubscriptionStore {
  const { namespace, database } = options
  return {
    all: () => readAll(database, namespace),
    async save(input, replace) {
      const checked = checkSubscription(input, options.transports, options.defaultTransport)
      return await database.transaction(async (tx) => {
        const old = await findByName(tx, namespace, checked.name)
        if (!old) return await insert(tx, checked, options)
        if (!replace) throw new NodeError('FF10193', { name: checked.name })
        return await replaceRow(tx, old, checked, options)
      })
    },
    remove: (id) => database.transaction((tx) => removeRows(tx, namespace, id)),
  }
}

async function insert(
  tx: Transaction,
  checked: CheckedSubscription,
  { namespace, log, world, maxSubscriptions }: SubscriptionStoreOptions,
): Promise<Positioned> {
  await refuseTooMany(tx, namespace, maxSubscriptions)
  const position = resolveFirstEvent(checked.options.firstEvent, log.newest())
  const now = formatTime(world.now())
  const subscription: Subscription = {
    id: world.uuid(),
    namespace,
    name: checked.name,
    transport: checked.transport.name,
    filter: checked.filter,
    options: { ...checked.options, firstEvent: String(position) },
    created: now,
    updated: now,
  }
  await tx.insertMany('subscriptions', [toRow(subscription, tx.sequence('subscriptions', 1))])
  const offset = { type: OFFSET_TYPE, name: subscription.id, current: position }
  await tx.insertMany('offsets', [offset])
  return { subscription, position }
}

async function replaceRow(
  tx: Transaction,
  old: Subscription,
  checked: CheckedSubscription,
  { namespace, world }: SubscriptionStoreOptions,
): Promise<Positioned> {
  const { firstEvent } = old.options
  const subscription: Subscription = {
    ...old,
    transport: checked.transport.name,
    filter: checked.filter,
    options: { ...checked.options, ...(firstEvent !== undefined && { firstEvent }) },
    updated: formatTime(world.now()),
  }
  const { transport, filter, options, secret, updated } = toRow(subscription, 0)
  await tx.db
    .updateTable('subscriptions')
    .set({ transport, filter, options, secret, updated })
    .where('namespace', '=', namespace)
    .where('id', '=', old.id)
    .execute()
  return { subscription, position: await readPosition(tx, old) }
}

async function readAll(database: Database, namespace: string): Promise<readonly Positioned[]> {
  const rows = await database.read
    .selectFrom('subscriptions')
    .leftJoin('offsets', (join) =>
      join.onRef('offsets.name', '=', 'subscriptions.id').on('offsets.type', '=', OFFSET_TYPE),
    )
    .selectAll('subscriptions')
    .select('offsets.current')
    .where('namespace', '=', namespace)
    .orderBy('seq')
    .execute()
  return rows.map(({ current, ...row }) => {
    const subscription = withSecret(rowToSubscription(row), row.secret)
    return { subscription, position: current ?? firstPosition(subscription) }
  })
}

async function removeRows(tx: Transaction, namespace: string, id: string): Promise<Subscription> {
  const row = await tx.db
    .selectFrom('subscriptions')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('id', '=', id)
    .executeTakeFirst()
  if (!row) throw new NodeError('FF10109')
  await tx.db.deleteFrom('subscriptions').where('seq', '=', row.seq).execute()
  await tx.db.deleteFrom('offsets').where('type', '=', OFFSET_TYPE).where('name', '=', id).execute()
  await forgetTries(tx, id)
  return rowToSubscription(row)
}

async function findByName(
  tx: Transaction,
  namespace: string,
  name: string,
): Promise<Subscription | undefined> {
  const row = await tx.db
    .selectFrom('subscriptions')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('name', '=', name)
    .executeTakeFirst()
  return row && rowToSubscription(row)
}

async function readPosition(tx: Transaction, subscription: Subscription): Promise<number> {
  const row = await tx.db
    .selectFrom('offsets')
    .select('current')
    .where('type', '=', OFFSET_TYPE)
    .where('name', '=', subscription.id)
    .executeTakeFirst()
  return row?.current ?? firstPosition(subscription)
}

const firstPosition = (subscription: Subscription): number =>
  resolveFirstEvent(subscription.options.firstEvent, -1)

async function refuseTooMany(tx: Transaction, namespace: string, limit: number): Promise<void> {
  const row = await tx.db
    .selectFrom('subscriptions')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('namespace', '=', namespace)
    .executeTakeFirst()
  if (Number(row?.count ?? 0) >= limit) throw new NodeError('CC20801', { limit })
}
