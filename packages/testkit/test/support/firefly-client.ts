import { once } from 'node:events'
import sdk from '@hyperledger/firefly-sdk'
import type { Party } from '../../src/party.ts'

export const { FireFlyError, FireFlyIdempotencyError } = sdk
export type FireFly = InstanceType<typeof sdk.default>
export type FireFlySocket = ReturnType<FireFly['listen']>
export type Delivery = Parameters<Parameters<FireFly['listen']>[1]>[1]

/** FireFly's own client of a party's node. */
export const createFireFly = (party: Party, namespace?: string): FireFly =>
  createFireFlyAt(party.url, namespace)

export const createFireFlyAt = (host: string, namespace = 'default'): FireFly =>
  new sdk.default({
    host,
    namespace,
    websocket: { reconnectDelay: 50 },
    requestConfig: { headers: { 'request-timeout': '10s' } },
  })

/** What a socket of the client has received, in order. */
export interface Received extends Disposable {
  readonly socket: FireFlySocket
  readonly deliveries: readonly Delivery[]
  /** Resolves the first delivery that fits, past or to come. */
  find(fits: (delivery: Delivery) => boolean, what: string): Promise<Delivery>
  /** Resolves when this many have come. */
  count(n: number): Promise<readonly Delivery[]>
}

/** Listens through the client, which acknowledges each event once it is handled. */
export function listen(client: FireFly, subscriptions: Parameters<FireFly['listen']>[0]): Received {
  const deliveries: Delivery[] = []
  const arrivals = new EventTarget()
  const socket = client.listen(subscriptions, (_socket, delivery) => {
    deliveries.push(delivery)
    arrivals.dispatchEvent(new Event('arrival'))
  })
  const until = async <T>(fact: () => T | undefined, what: string): Promise<T> => {
    const signal = AbortSignal.timeout(15_000)
    for (;;) {
      const found = fact()
      if (found !== undefined) return found
      await arrived(arrivals, signal).catch((cause: unknown) => {
        const seen = deliveries.map(({ type }) => type).join(', ')
        throw new Error(`waited in vain for ${what}; came: ${seen}`, { cause })
      })
    }
  }
  return {
    socket,
    deliveries,
    find: (fits, what) => until(() => deliveries.find(fits), what),
    count: (n) => until(() => (deliveries.length >= n ? deliveries : undefined), `${n} deliveries`),
    [Symbol.dispose]: () => socket.close(),
  }
}

const arrived = (arrivals: EventTarget, signal: AbortSignal): Promise<unknown> =>
  once(arrivals, 'arrival', { signal })

/** All of a stream, as text. */
export async function readText(stream: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString()
}
