import type { Exchange } from '../exchange/exchange.ts'
import { startDeadline } from '../lib/deadline.ts'
import type { World } from '../lib/world.ts'

const WAIT_MS = 10_000

/** Lets the peers know that we are back: what they could not deliver, they send at once instead of after a long pause. */
export interface Greeting extends AsyncDisposable {
  send(): void
}

export function createGreeting(exchange: Exchange, world: Pick<World, 'sleep'>): Greeting {
  const stop = new AbortController()
  const greet = async (peer: string): Promise<void> => {
    const deadline = startDeadline(world, WAIT_MS)
    await exchange
      .ping(peer, AbortSignal.any([stop.signal, deadline.signal]))
      .catch(() => {})
      .finally(() => deadline.abort())
  }
  let sent: Promise<unknown> = Promise.resolve()
  return {
    send() {
      sent = Promise.all(exchange.peers().map(greet))
    },
    async [Symbol.asyncDispose]() {
      stop.abort()
      await sent
    },
  }
}
