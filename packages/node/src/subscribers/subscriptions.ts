import type { Subscription, SubscriptionInput } from '@concordat/protocol'

/** Durable subscriptions of a namespace: rows, and the dispatchers that run for them. */
export interface Subscriptions {
  create(input: SubscriptionInput): Promise<Subscription>
  /** Creates, or replaces filter and options while keeping the position. */
  upsert(input: SubscriptionInput): Promise<Subscription>
  remove(id: string): Promise<void>
  /** The position, for `fetchstatus`. */
  offset(id: string): Promise<number | undefined>
  /** Gives up the delivery a paused subscription is stuck at, and goes on after it. */
  skip(id: string): Promise<void>
  /** Lets a paused subscription try again. */
  resume(id: string): Promise<void>
}
