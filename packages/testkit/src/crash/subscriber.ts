import type { World } from '@concordat/node'
import type { Party } from '../party.ts'

export interface Seen {
  readonly id: string
  readonly type: string
  readonly sequence: number
  readonly reference: string
  readonly topic: string
}

const NAME = 'every-message'

/** A client of a durable subscription to all messages: it acknowledges each event, and comes back when its connection breaks. */
export class Subscriber implements AsyncDisposable {
  /** What each connection was sent, in order. */
  readonly connections: Seen[][] = []
  readonly #seen = new Map<string, Set<string>>()
  readonly #party: Party
  readonly #world: World
  readonly #stop = new AbortController()
  #done: Promise<void> = Promise.resolve()

  constructor(party: Party, world: World) {
    this.#party = party
    this.#world = world
  }

  async start(): Promise<void> {
    await this.#party.post('subscriptions', {
      name: NAME,
      transport: 'websockets',
      filter: { events: '^message_(confirmed|rejected)$' },
      options: { firstEvent: 'newest', readAhead: 20 },
    })
    this.#done = this.#run()
  }

  /** Whether the message's events, one a topic, were all seen. */
  has(id: string, topics: readonly string[]): boolean {
    const seen = this.#seen.get(id)
    return topics.every((topic) => seen?.has(topic))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#done
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.#connect()
      await this.#world.sleep(30)
    }
  }

  #connect(): Promise<void> {
    const connection: Seen[] = []
    const socket = new WebSocket(`${this.#party.url.replace('http', 'ws')}/ws`)
    const close = (): void => socket.close()
    this.#stop.signal.addEventListener('abort', close)
    socket.onopen = () => {
      this.connections.push(connection)
      socket.send(
        JSON.stringify({ type: 'start', namespace: 'default', name: NAME, autoack: false }),
      )
    }
    socket.onmessage = ({ data }) => {
      const event = JSON.parse(String(data))
      const { id, type, sequence, reference, topic, subscription } = event
      connection.push({ id, type, sequence, reference, topic })
      this.#seen.set(reference, (this.#seen.get(reference) ?? new Set()).add(topic))
      socket.send(JSON.stringify({ type: 'ack', id, subscription }))
    }
    return new Promise((resolve) => {
      const end = (): void => {
        this.#stop.signal.removeEventListener('abort', close)
        resolve()
      }
      socket.onclose = end
      socket.onerror = end
    })
  }
}
