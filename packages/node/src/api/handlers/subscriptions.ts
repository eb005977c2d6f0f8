import type { Subscription } from '@concordat/protocol'
import {
  deleteSubscription,
  getSubscriptionByID,
  getSubscriptionEventsFiltered,
  getSubscriptions,
  postNewSubscription,
  postSubscriptionResume,
  postSubscriptionSkip,
  putSubscription,
} from '@concordat/protocol/routes'
import type { Namespace } from '../../namespace.ts'
import {
  getSubscription,
  listSubscriptions,
  subscriptionFields,
} from '../../store/tables/subscriptions.ts'
import { withoutSecret } from '../../subscribers/subscription-rows.ts'
import { handle, ListReply } from '../handler.ts'
import { hasFlag } from '../query.ts'
import { getOne, listOf, uuidOf } from './find.ts'
import { pastEvents } from './past-events.ts'

/** As callers see it: the secret that signs deliveries is told only to whoever made it. */
const readSubscription = async (namespace: Namespace, id: string): Promise<Subscription> =>
  withoutSecret(await getOne(namespace, getSubscription, uuidOf(id)))

export const subscriptionHandlers = [
  handle(getSubscriptions, async (call, context) => {
    const { items, total } = await listOf(call, context, subscriptionFields, listSubscriptions)
    return new ListReply(items.map(withoutSecret), total)
  }),
  handle(postNewSubscription, ({ namespace, body }) => namespace.subscriptions.create(body)),
  handle(putSubscription, ({ namespace, body }) => namespace.subscriptions.upsert(body)),
  handle(getSubscriptionByID, async ({ namespace, params, query }) => {
    const subscription = await readSubscription(namespace, params.subid)
    if (!hasFlag(query, 'fetchstatus')) return subscription
    const currentOffset = await namespace.subscriptions.offset(subscription.id)
    return { ...subscription, status: currentOffset === undefined ? {} : { currentOffset } }
  }),
  handle(deleteSubscription, async ({ namespace, params }) => {
    const { id } = await getOne(namespace, getSubscription, uuidOf(params.subid))
    await namespace.subscriptions.remove(id)
    return undefined
  }),
  handle(getSubscriptionEventsFiltered, async (call, context) => {
    const { namespace, params } = call
    const { filter } = await getOne(namespace, getSubscription, uuidOf(params.subid))
    const { items, total } = await pastEvents(call, context, filter)
    return new ListReply(items, total)
  }),
  handle(postSubscriptionSkip, async ({ namespace, params }) => {
    const subscription = await readSubscription(namespace, params.subid)
    await namespace.subscriptions.skip(subscription.id)
    return subscription
  }),
  handle(postSubscriptionResume, async ({ namespace, params }) => {
    const subscription = await readSubscription(namespace, params.subid)
    await namespace.subscriptions.resume(subscription.id)
    return subscription
  }),
]
