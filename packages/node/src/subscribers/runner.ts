import type { Subscription } from '@concordat/protocol'
import type { Receiver } from './delivery.ts'
import type { Dispatcher } from './dispatcher.ts'

/** A receiver in line for a subscription. */
export interface Link {
  readonly transport: string
  readonly receiver: Receiver
}

/** Serves one durable subscription, by name, to the first receiver in line; the others take over when it goes. */
export interface Runner extends AsyncDisposable {
  readonly subscription: Subscription | undefined
  readonly idle: boolean
  /** Where it stands, when it is known here. */
  readonly offset: number | undefined
  /** Begins, or goes on with another filter and options; undefined stops it and forgets where it stood. */
  define(subscription: Subscription | undefined, position: number): Promise<void>
  add(link: Link): void
  remove(link: Link): Promise<void>
}

/** Starts serving from a position. */
export type Serve = (subscription: Subscription, position: number, receiver: Receiver) => Dispatcher

interface Serving {
  readonly subscription: Subscription
  readonly link: Link
  readonly dispatcher: Dispatcher
}

export function createRunner(serve: Serve): Runner {
  const links: Link[] = []
  let subscription: Subscription | undefined
  let position = 0
  let serving: Serving | undefined
  let settling = Promise.resolve()
  let busy = false
  let closed = false

  const wanted = (): Link | undefined =>
    closed ? undefined : links.find((link) => link.transport === subscription?.transport)

  const settled = (): boolean =>
    serving ? serving.link === wanted() && serving.subscription === subscription : !wanted()

  const settle = async (): Promise<void> => {
    busy = true
    while (!settled()) {
      if (serving) {
        const ending = serving
        await ending.dispatcher[Symbol.asyncDispose]()
        if (ending.subscription.id === subscription?.id) position = ending.dispatcher.offset
        serving = undefined
        const { id, namespace, name } = ending.subscription
        ending.link.receiver.stopped?.({ id, namespace, name })
      }
      const link = wanted()
      if (!link || !subscription) continue
      serving = { subscription, link, dispatcher: serve(subscription, position, link.receiver) }
    }
    busy = false
  }

  const change = (): Promise<void> => {
    if (!busy) settling = settle()
    return settling
  }

  return {
    get subscription() {
      return subscription
    },
    get idle() {
      return !subscription && links.length === 0
    },
    get offset() {
      return subscription && (serving?.dispatcher.offset ?? position)
    },
    async define(next, at) {
      if (next?.id !== subscription?.id) position = at
      subscription = next
      await change()
    },
    add(link) {
      links.push(link)
      void change()
    },
    async remove(link) {
      const at = links.indexOf(link)
      if (at >= 0) links.splice(at, 1)
      await change()
    },
    async [Symbol.asyncDispose]() {
      closed = true
      await change()
    },
  }
}
