import {
  type MessageInput,
  NodeError,
  type Subscription,
  type SubscriptionFilter,
  type SubscriptionInput,
  type SubscriptionOptions,
} from '@concordat/protocol'
import type { EventLog } from '../events/log.ts'
import type { Logger } from '../lib/logger.ts'
import type { World } from '../lib/world.ts'
import type { Database } from '../store/database.ts'
import type { Receiver } from './delivery.ts'
import { type Dispatcher, startDispatcher } from './dispatcher.ts'
import { DurableSubscriptions, type PausedSubscription } from './durable.ts'
import { createEnrich } from './enrich.ts'
import { compileFilter } from './filter.ts'
import { createOffsets } from './offsets.ts'
import { defaultPace, type PaceDefaults, paceOf } from './pace.ts'
import type { Serve } from './runner.ts'
import { resolveFirstEvent, withoutSecret } from './subscription-rows.ts'
import { createSubscriptionStore, type SubscriptionStore } from './subscription-store.ts'
import type { Subscriptions } from './subscriptions.ts'
import type { EventTransport } from './transport.ts'

export interface SubscribersOptions {
  /** Local name. */
  readonly namespace: string
  readonly database: Database
  readonly log: EventLog
  readonly world: World
  readonly logger: Logger
  readonly transports: readonly EventTransport[]
  /** How webhook replies are sent. */
  readonly sendReply: (message: MessageInput) => Promise<void>
  /** `event.transports.default`. Default: `websockets`. */
  readonly defaultTransport?: string
  readonly defaults?: PaceDefaults
  /** Default 500. */
  readonly maxSubscriptions?: number
}

/** A receiver's place in line, given up on disposal. */
export type Attachment = AsyncDisposable

export interface EphemeralRequest {
  readonly filter: SubscriptionFilter
  readonly options: SubscriptionOptions
  readonly receiver: Receiver
}

/** Everything that leaves one namespace as events. */
export interface Subscribers extends AsyncDisposable {
  readonly namespace: string
  readonly subscriptions: Subscriptions
  /** Waits in line for a durable subscription by name, which may not exist yet. */
  attach(transport: string, name: string, receiver: Receiver): Attachment
  /** Serves a subscription that lives as long as its attachment. Throws for a filter or an option that is not valid. */
  attachEphemeral(request: EphemeralRequest): Attachment
  /** Subscriptions that wait for a decision, for `/blocked`. */
  paused(): readonly PausedSubscription[]
}

/** Loads the namespace's subscriptions and begins to serve them. */
export async function createSubscribers(options: SubscribersOptions): Promise<Subscribers> {
  const { namespace, database, log, world, logger, sendReply } = options
  const transports = new Map(options.transports.map((transport) => [transport.name, transport]))
  const store = createSubscriptionStore({
    namespace,
    database,
    log,
    world,
    transports,
    defaultTransport: options.defaultTransport ?? 'websockets',
    maxSubscriptions: options.maxSubscriptions ?? 500,
  })
  const offsets = createOffsets(database, world, logger)
  const serve = serveWith(options)
  const serveDurable: Serve = (subscription, position, receiver) => {
    const moved = (): void => offsets.touch(subscription.id, () => dispatcher.offset)
    const dispatcher = serve(subscription, position, receiver, moved)
    return dispatcher
  }
  const context = { namespace, database, world, logger, sendReply }
  const durable = new DurableSubscriptions(serveDurable, transports, context)
  const ephemeral = new Set<Dispatcher>()
  for (const positioned of await store.all()) await durable.define(positioned)

  return {
    namespace,
    subscriptions: commands(store, durable),
    attach: (transport, name, receiver) => durable.attach(transport, name, receiver),
    attachEphemeral({ filter, options: wanted, receiver }) {
      const id = world.uuid()
      const position = resolveFirstEvent(wanted.firstEvent, log.newest())
      const dispatcher = serve({ id, name: id, filter, options: wanted }, position, receiver)
      ephemeral.add(dispatcher)
      return {
        async [Symbol.asyncDispose]() {
          ephemeral.delete(dispatcher)
          await dispatcher[Symbol.asyncDispose]()
        },
      }
    },
    paused: () => durable.paused(),
    async [Symbol.asyncDispose]() {
      await durable[Symbol.asyncDispose]()
      await Promise.all([...ephemeral].map((dispatcher) => dispatcher[Symbol.asyncDispose]()))
      await offsets[Symbol.asyncDispose]()
    },
  }
}

/** Starts dispatchers that share what was looked up for events. */
function serveWith(options: SubscribersOptions) {
  const { namespace, database, log, world, logger, defaults = defaultPace } = options
  const enrich = createEnrich(namespace, database, log)
  return (
    subscription: Pick<Subscription, 'id' | 'name' | 'filter' | 'options'>,
    position: number,
    receiver: Receiver,
    onOffset: () => void = () => {},
  ): Dispatcher =>
    startDispatcher({
      subscription: { id: subscription.id, namespace, name: subscription.name },
      filter: compileFilter(subscription.filter),
      pace: paceOf(subscription.options, defaults),
      position,
      receiver,
      log,
      enrich,
      world,
      onOffset,
      onError: (error) =>
        logger.warn({ error, subscription: subscription.name }, 'delivery failed'),
    })
}

/** One change after another, so that rows and what runs can't part ways. */
function commands(store: SubscriptionStore, durable: DurableSubscriptions): Subscriptions {
  let tail: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = tail.then(work)
    tail = result.catch(() => {})
    return result
  }
  const save = (input: SubscriptionInput, replace: boolean): Promise<Subscription> =>
    inTurn(async () => {
      const saved = await store.save(input, replace)
      await durable.define(saved)
      return withoutSecret(saved.subscription)
    })
  const decide = async (id: string, decision: 'resume' | 'skip'): Promise<void> => {
    if (!durable.decide(id, decision)) throw new NodeError('CC20803', { id })
  }
  return {
    create: (input) => save(input, false),
    upsert: (input) => save(input, true),
    remove: (id) => inTurn(async () => durable.forget(await store.remove(id))),
    offset: async (id) => durable.offset(id),
    skip: (id) => decide(id, 'skip'),
    resume: (id) => decide(id, 'resume'),
  }
}
