import {
  NodeError,
  padTime,
  type Subscription,
  type SubscriptionFilter,
  type SubscriptionInput,
  type SubscriptionOptions,
  validateNameNotUuid,
} from '@concordat/protocol'
import type { SubscriptionRow } from '../store/schema.ts'
import { compileFilter } from './filter.ts'
import type { EventTransport } from './transport.ts'

/** A subscription that has passed every check, before it has a row. */
export interface CheckedSubscription {
  readonly name: string
  readonly transport: EventTransport
  readonly filter: SubscriptionFilter
  readonly options: SubscriptionOptions
}

/** Checks what a caller gave. Throws FF00140, FF00141, FF10172, FF10195, FF10266, FF10460 or the transport's own errors. */
export function checkSubscription(
  input: SubscriptionInput,
  transports: ReadonlyMap<string, EventTransport>,
  defaultTransport: string,
): CheckedSubscription {
  const name = input.name ?? ''
  validateNameNotUuid(name, 'name')
  const transport = findTransport(input.transport || defaultTransport, transports)
  const filter = input.filter ?? {}
  compileFilter(filter)
  const options = input.options ?? {}
  if (options.batch && options.withData) throw new NodeError('FF10460')
  return { name, transport, filter, options: transport.validateOptions(options) }
}

function findTransport(
  name: string,
  transports: ReadonlyMap<string, EventTransport>,
): EventTransport {
  if (name === 'system') throw new NodeError('FF10266')
  const transport = transports.get(name)
  if (!transport) throw new NodeError('FF10172', { transport: name })
  return transport
}

/** The sequence after which to begin. Throws FF10191 or FF10192. */
export function resolveFirstEvent(firstEvent: string | undefined, newest: number): number {
  if (!firstEvent || firstEvent === 'newest') return newest
  if (firstEvent === 'oldest') return -1
  const sequence = Number(firstEvent)
  if (!/^-?\d+$/.test(firstEvent) || !Number.isSafeInteger(sequence)) {
    throw new NodeError('FF10191', { value: firstEvent })
  }
  if (sequence < -1) throw new NodeError('FF10192', { value: firstEvent })
  return sequence
}

export const toRow = (subscription: Subscription, seq: number): SubscriptionRow => ({
  seq,
  namespace: subscription.namespace,
  id: subscription.id,
  name: subscription.name,
  transport: subscription.transport,
  filter: JSON.stringify(subscription.filter),
  // Lists are filtered by the text of the options: the secret must not be found by it.
  options: JSON.stringify(withoutSecret(subscription).options),
  secret: subscription.options.secret ?? null,
  created: padTime(subscription.created),
  updated: padTime(subscription.updated ?? subscription.created),
})

/** As it was made: for whoever signs. */
export const withSecret = (subscription: Subscription, secret: string | null): Subscription =>
  secret === null ? subscription : { ...subscription, options: { ...subscription.options, secret } }

/** What a caller is shown: secrets go in, and never out. */
export function withoutSecret(subscription: Subscription): Subscription {
  const { secret: _, ...options } = subscription.options
  return { ...subscription, options }
}
