import type { MessageInput, Subscription, SubscriptionOptions } from '@concordat/protocol'
import type { Logger } from '../lib/logger.ts'
import type { World } from '../lib/world.ts'
import type { Database } from '../store/database.ts'
import type { Receiver } from './delivery.ts'

/** A way for events to leave the node. A module named in `plugins.eventtransports[].module` exports one as `transport`. */
export interface EventTransport {
  /** What subscriptions call it, e.g. `webhooks`. */
  readonly name: string
  /** The options as they will be stored; throws a `NodeError` for those it can't serve. */
  validateOptions(options: SubscriptionOptions): SubscriptionOptions
  /**
   * Opens a receiver for a durable subscription; closed when the subscription changes, goes, or the node stops.
   * Left out by transports whose clients come by themselves and attach.
   */
  open?(subscription: Subscription, context: TransportContext): OpenReceiver
}

/** What a transport is given of the namespace. */
export interface TransportContext {
  readonly namespace: string
  readonly database: Database
  readonly world: World
  readonly logger: Logger
  /** Sends a message that answers an event. */
  readonly sendReply: (message: MessageInput) => Promise<void>
}

export interface OpenReceiver extends Receiver, AsyncDisposable {
  /** Why nothing moves until someone decides; undefined while it works or retries. */
  paused(): Pause | undefined
  /** Tries the delivery it is stuck at once more. */
  resume(): void
  /** Goes on without the delivery it is stuck at. */
  skip(): void
}

/** A subscription that waits for a decision. */
export interface Pause {
  /** RFC 3339. */
  readonly since: string
  readonly reason: string
  /** The event it is stuck at. */
  readonly event: string
  readonly sequence: number
}
