import type {
  MessageInput,
  Subscription,
  SubscriptionFilter,
  SubscriptionOptions,
} from '@concordat/protocol'
import type { EventLog } from '../events/log.ts'
import type { Logger } from '../lib/logger.ts'
import type { World } from '../lib/world.ts'
import type { Database } from '../store/database.ts'
import type { Receiver } from './delivery.ts'
import { type Dispatcher, startDispatcher } from './dispatcher.ts'
import { createEnrich } from './enrich.ts'
import { compileFilter } from './filter.ts'
import { createOffsets } from './offsets.ts'
import { defaultPace, type PaceDefaults, paceOf } from './pace.ts'
import { createRunner, type Link, type Runner } from './runner.ts'
import { resolveFirstEvent } from './subscription-rows.ts'
import { createSubscriptionStore, type Positioned } from './subscription-store.ts'
import type { Subscriptions } from './subscriptions.ts'
import type { EventTransport, OpenReceiver, Pause } from './transport.ts'

export interface SubscribersOptions {
  /** Local name. */
  readonly namespace: string
  readonly database: Database
  readonly log: EventLog
  readonly world: World
  readonly logger: Logger
  readonly transports: readonly EventTransport[]
  /** How webhook replies are sent; without it they are dropped with a warning. */
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

export interface PausedSubscription extends Pause {
  readonly subscription: string
  readonly name: string
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
  /** Tries again what a paused subscription is stuck at. False when it isn't paused. */
  resume(id: string): boolean
  /** Goes on without what a paused subscription is stuck at. False when it isn't paused. */
  skip(id: string): boolean
}

/** Loads the namespace's subscriptions and begins to serve them. */
export async function createSubscribers(options: SubscribersOptions): Promise<Subscribers> {
  const { namespace, database, log, world, logger } = options
  const transports = new Map(options.transports.map((transport) => [transport.name, transport]))
  const defaults = options.defaults ?? defaultPace
  const enrich = createEnrich(namespace, database, log)
  const offsets = createOffsets(database, world, logger)
  const runners = new Map<string, Runner>()
  const opened = new Map<string, { readonly link: Link; readonly receiver: OpenReceiver }>()
  const ephemeral = new Set<Dispatcher>()
  const store = createSubscriptionStore({
    namespace,
    database,
    log,
    world,
    transports,
    defaultTransport: options.defaultTransport ?? 'websockets',
    maxSubscriptions: options.maxSubscriptions ?? 500,
  })

  const serve = (
    { id, name, filter, options: wanted }: Pick<Subscription, 'id' | 'name' | 'filter' | 'options'>,
    position: number,
    receiver: Receiver,
    onOffset: () => void,
  ): Dispatcher =>
    startDispatcher({
      subscription: { id, namespace, name },
      filter: compileFilter(filter),
      pace: paceOf(wanted, defaults),
      position,
      receiver,
      log,
      enrich,
      world,
      onOffset,
      onError: (error) => logger.warn({ error, subscription: name }, 'delivery failed'),
    })

  const serveDurable = (
    subscription: Subscription,
    position: number,
    receiver: Receiver,
  ): Dispatcher => {
    const dispatcher = serve(subscription, position, receiver, () =>
      offsets.touch(subscription.id, () => dispatcher.offset),
    )
    return dispatcher
  }

  const runnerOf = (name: string): Runner => {
    const runner = runners.get(name) ?? createRunner(serveDurable)
    runners.set(name, runner)
    return runner
  }

  const forgetIdle = (name: string): void => {
    if (runners.get(name)?.idle) runners.delete(name)
  }

  const closeReceiver = async (id: string, name: string): Promise<void> => {
    const held = opened.get(id)
    if (!held) return
    opened.delete(id)
    await runnerOf(name).remove(held.link)
    await held.receiver[Symbol.asyncDispose]()
  }

  /** Takes over a new or changed subscription. */
  const define = async ({ subscription, position }: Positioned): Promise<void> => {
    const { id, name, transport } = subscription
    await closeReceiver(id, name)
    const runner = runnerOf(name)
    await runner.define(subscription, position)
    const receiver = transports.get(transport)?.open?.(subscription, {
      namespace,
      database,
      world,
      logger,
      sendReply: options.sendReply,
    })
    if (!receiver) return
    const link: Link = { transport, receiver }
    opened.set(id, { link, receiver })
    runner.add(link)
  }

  const byId = (id: string): Runner | undefined =>
    [...runners.values()].find((runner) => runner.subscription?.id === id)

  const decide = (id: string, action: (receiver: OpenReceiver) => void): boolean => {
    const receiver = opened.get(id)?.receiver
    if (!receiver?.paused()) return false
    action(receiver)
    return true
  }

  for (const positioned of await store.all()) await define(positioned)

  return {
    namespace,
    subscriptions: {
      async create(input) {
        const saved = await store.save(input, false)
        await define(saved)
        return saved.subscription
      },
      async upsert(input) {
        const saved = await store.save(input, true)
        await define(saved)
        return saved.subscription
      },
      async remove(id) {
        const { name } = await store.remove(id)
        await closeReceiver(id, name)
        await runnerOf(name).define(undefined, 0)
        forgetIdle(name)
      },
      offset: async (id) => byId(id)?.offset,
    },
    attach(transport, name, receiver) {
      const link: Link = { transport, receiver }
      runnerOf(name).add(link)
      return {
        async [Symbol.asyncDispose]() {
          await runnerOf(name).remove(link)
          forgetIdle(name)
        },
      }
    },
    attachEphemeral({ filter, options: wanted, receiver }) {
      const id = world.uuid()
      const position = resolveFirstEvent(wanted.firstEvent, log.newest())
      const dispatcher = serve(
        { id, name: id, filter, options: wanted },
        position,
        receiver,
        () => {},
      )
      ephemeral.add(dispatcher)
      return {
        async [Symbol.asyncDispose]() {
          ephemeral.delete(dispatcher)
          await dispatcher[Symbol.asyncDispose]()
        },
      }
    },
    paused: () =>
      [...opened].flatMap(([subscription, { receiver }]) => {
        const pause = receiver.paused()
        const name = byId(subscription)?.subscription?.name ?? ''
        return pause ? [{ subscription, name, ...pause }] : []
      }),
    resume: (id) => decide(id, (receiver) => receiver.resume()),
    skip: (id) => decide(id, (receiver) => receiver.skip()),
    async [Symbol.asyncDispose]() {
      await Promise.all([...runners.values()].map((runner) => runner[Symbol.asyncDispose]()))
      await Promise.all([...ephemeral].map((dispatcher) => dispatcher[Symbol.asyncDispose]()))
      await Promise.all([...opened.values()].map(({ receiver }) => receiver[Symbol.asyncDispose]()))
      await offsets[Symbol.asyncDispose]()
    },
  }
}
