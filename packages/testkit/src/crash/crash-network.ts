import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AsyncStack, createLogger } from '@concordat/node'
import { type Network, type NetworkOptions, startNetwork } from '../network.ts'
import { checkNetwork } from './checks.ts'
import { type Accepted, startLoad } from './load.ts'
import type { Point } from './points.ts'
import { Subscriber } from './subscriber.ts'
import { Victim } from './victim.ts'
import { beginBallot, checkBallot, startVotes } from './votes.ts'

export interface Crash {
  readonly point: Point
  /** Which passage of the point is the last. */
  readonly count: number
  /** Started again, it is killed when it first passes the point, and only then left alone. */
  readonly twice: boolean
}

/** Three parties, the first of which lives in a process of its own and is killed over and over. */
export interface CrashNetwork extends AsyncDisposable {
  /** Kills it under load, starts it again, and waits until all that was accepted has arrived. */
  crash(crash: Crash): Promise<void>
  /** Checks all that happened so far. */
  check(): Promise<void>
}

export async function startCrashNetwork(
  options: Pick<NetworkOptions, 'databaseUrl'>,
): Promise<CrashNetwork> {
  await using stack = new AsyncStack()
  const network = stack.use(
    await startNetwork({
      ...options,
      parties: ['a', 'b', 'c'],
      log: createLogger({ level: 'error', filename: '' }),
    }),
  )
  const { world, parties } = network
  const ballot = await beginBallot(network)
  const party = network.party('a')
  await party.stop()
  const config = join(party.folder, 'config.yaml')
  await writeFile(config, `log: { level: error }\n${party.configText}`, { mode: 0o600 })
  const victim = stack.use(new Victim(config))
  await victim.start()
  const subscribers = new Map<string, Subscriber>()
  for (const each of parties) {
    const subscriber = stack.use(new Subscriber(each, world))
    await subscriber.start()
    subscribers.set(each.name, subscriber)
  }
  const accepted: Accepted[] = []
  let round = 0

  const owned = stack.move()
  return {
    async crash({ point, count, twice }) {
      round += 1
      await victim.arm(point, count)
      const loads = [
        startLoad({ name: `${round}`, world, parties, victim: party }),
        startVotes(`${round}`, network, ballot),
      ]
      const done = Promise.all(loads.map((load) => load.done))
      await within(world, Promise.race([victim.killed(), done]), `${point}, ${count} times`)
      if (twice) {
        await victim.start({ point, count: 1 }).catch(() => {})
        await within(world, Promise.race([victim.killed(), done]), `${point} once more`)
      }
      await victim.start()
      await Promise.all(loads.map((load) => load.end()))
      const fresh = loads.flatMap((load) => load.accepted)
      accepted.push(...fresh)
      await arrive(network, subscribers, fresh)
    },
    async check() {
      await victim[Symbol.asyncDispose]()
      await party.start()
      await arrive(network, subscribers, accepted)
      await checkNetwork(network, accepted, subscribers)
      await checkBallot(network, ballot, accepted)
      await party.stop()
      await victim.start()
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** Resolves when each party's subscriber has seen the messages that are for it. */
async function arrive(
  { parties, world }: Network,
  subscribers: ReadonlyMap<string, Subscriber>,
  accepted: readonly Accepted[],
): Promise<void> {
  const end = world.now() + 30_000
  for (const { name } of parties) {
    const subscriber = subscribers.get(name)
    const missing = (): readonly Accepted[] =>
      accepted.filter(
        ({ id, topics, receivers }) => receivers.includes(name) && !subscriber?.has(id, topics),
      )
    while (missing().length > 0) {
      if (world.now() > end)
        throw new Error(
          `${name} waits for ${missing().length} messages: ${JSON.stringify(missing()[0])}`,
        )
      await world.sleep(20)
    }
  }
}

async function within<T>(world: Network['world'], fact: Promise<T>, what: string): Promise<T> {
  const stop = new AbortController()
  const late = world.sleep(30_000, stop.signal).then(() => {
    throw new Error(`waited in vain: ${what}`)
  })
  return await Promise.race([fact, late]).finally(() => stop.abort())
}
