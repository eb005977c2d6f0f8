import type { Subscription } from '@concordat/protocol'
import type { Receiver } from './delivery.ts'
import { createRunner, type Link, type Runner, type Serve } from './runner.ts'
import type { Positioned } from './subscription-store.ts'
import type { EventTransport, OpenReceiver, Pause, TransportContext } from './transport.ts'

export interface PausedSubscription extends Pause {
  readonly subscription: string
  readonly name: string
}

interface Opened {
  readonly name: string
  readonly link: Link
  readonly receiver: OpenReceiver
}

/** The durable subscriptions that run, and the receivers in line for them, by name. */
export class DurableSubscriptions implements AsyncDisposable {
  readonly #serve: Serve
  readonly #transports: ReadonlyMap<string, EventTransport>
  readonly #context: TransportContext
  readonly #runners = new Map<string, Runner>()
  /** Receivers that the node opened itself, by subscription id. */
  readonly #opened = new Map<string, Opened>()

  constructor(
    serve: Serve,
    transports: ReadonlyMap<string, EventTransport>,
    context: TransportContext,
  ) {
    this.#serve = serve
    this.#transports = transports
    this.#context = context
  }

  /** Takes over a new or changed subscription. */
  async define({ subscription, position }: Positioned): Promise<void> {
    const { id, name, transport } = subscription
    await this.#close(id)
    await this.#runner(name).define(subscription, position)
    const receiver = this.#open(subscription)
    if (!receiver) return
    const link: Link = { transport, receiver }
    this.#opened.set(id, { name, link, receiver })
    this.#runner(name).add(link)
  }

  async forget({ id, name }: Pick<Subscription, 'id' | 'name'>): Promise<void> {
    await this.#close(id)
    await this.#runner(name).define(undefined, 0)
    this.#dropIdle(name)
  }

  /** Puts a receiver in line for a name, which may not exist yet. */
  attach(transport: string, name: string, receiver: Receiver): AsyncDisposable {
    const link: Link = { transport, receiver }
    this.#runner(name).add(link)
    return {
      [Symbol.asyncDispose]: async () => {
        await this.#runner(name).remove(link)
        this.#dropIdle(name)
      },
    }
  }

  offset(id: string): number | undefined {
    for (const runner of this.#runners.values()) {
      if (runner.subscription?.id === id) return runner.offset
    }
    return undefined
  }

  paused(): readonly PausedSubscription[] {
    return [...this.#opened].flatMap(([subscription, { name, receiver }]) => {
      const pause = receiver.paused()
      return pause ? [{ subscription, name, ...pause }] : []
    })
  }

  /** False when the subscription isn't paused. */
  decide(id: string, decision: 'resume' | 'skip'): boolean {
    const receiver = this.#opened.get(id)?.receiver
    if (!receiver?.paused()) return false
    receiver[decision]()
    return true
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#runners.values()].map((runner) => runner[Symbol.asyncDispose]()))
    const receivers = [...this.#opened.values()].map(({ receiver }) => receiver)
    await Promise.all(receivers.map((receiver) => receiver[Symbol.asyncDispose]()))
  }

  /** What can't be opened any more, after a change of configuration, is left unserved rather than stop the node. */
  #open(subscription: Subscription): OpenReceiver | undefined {
    try {
      return this.#transports.get(subscription.transport)?.open?.(subscription, this.#context)
    } catch (error) {
      this.#context.logger.error({ error, subscription: subscription.name }, 'not served')
      return undefined
    }
  }

  #runner(name: string): Runner {
    const runner = this.#runners.get(name) ?? createRunner(this.#serve)
    this.#runners.set(name, runner)
    return runner
  }

  #dropIdle(name: string): void {
    if (this.#runners.get(name)?.idle) this.#runners.delete(name)
  }

  async #close(id: string): Promise<void> {
    const held = this.#opened.get(id)
    if (!held) return
    this.#opened.delete(id)
    await this.#runner(held.name).remove(held.link)
    await held.receiver[Symbol.asyncDispose]()
  }
}
