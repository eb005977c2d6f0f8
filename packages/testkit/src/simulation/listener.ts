import type { startCore } from '@concordat/node'
import type { Chance } from './chance.ts'
import type { Life } from './life.ts'

type EventTransport = Parameters<typeof startCore>[1]['transports'][number]

/** A program that follows one node's events through a durable subscription: it outlives the node's crashes. */
export interface Listener {
  /** How the node reaches it in one of its lives. */
  transportFor(life: Life): EventTransport
  /** Ids of events, in the order in which each came first. */
  readonly heard: readonly string[]
}

export const LISTENER = 'listener'

/** Takes its time with some deliveries, and gives some back. */
export function createListener(chance: Chance): Listener {
  const heard = new Set<string>()
  const transportFor = (life: Life): EventTransport => ({
    name: LISTENER,
    validateOptions: (options) => options,
    open: () => ({
      deliver({ events }, answer) {
        for (const { row } of events) heard.add(row.id)
        if (chance.happens(0.1)) answer.nack()
        else if (chance.happens(0.3))
          void life.world.sleep(chance.whole(1, 500)).then(answer.ack, () => {})
        else answer.ack()
        return undefined
      },
      paused: () => undefined,
      resume() {},
      skip() {},
      async [Symbol.asyncDispose]() {},
    }),
  })
  return {
    transportFor,
    get heard() {
      return [...heard]
    },
  }
}
