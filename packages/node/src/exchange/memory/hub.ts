import type { World } from '../../lib/world.ts'
import type { BlobStore, ExchangeHandlers } from '../exchange.ts'
import type { Directory } from './directory.ts'

export interface MemoryHubOptions {
  readonly world: World
  /** How long a call takes to arrive, drawn anew for each, in milliseconds. */
  readonly delayMs?: { readonly min: number; readonly max: number }
  /** Share of calls whose request is lost, and again of those whose answer is. */
  readonly loss?: number
  /** Share of calls that arrive twice. */
  readonly duplicates?: number
}

/** A party's end in the hub. */
export interface HubMember {
  readonly peerId: string
  readonly certificate: string
  readonly directory: Directory
  readonly handlers: ExchangeHandlers
  readonly blobs: BlobStore
}

/**
 * What lies between exchanges in one process. All chance and time come from its world, so the same seed gives the same
 * losses in the same order.
 */
export interface MemoryHub {
  join(member: HubMember): void
  leave(member: HubMember): void
  /** Cuts the way between two parties, both ways, until `heal`. */
  partition(one: string, other: string): void
  heal(one: string, other: string): void
  healAll(): void
  /** One call over the wire; undefined: nobody answered, though the call may have arrived. */
  call<T>(
    from: string,
    to: string,
    signal: AbortSignal,
    work: (to: HubMember) => Promise<T>,
  ): Promise<{ readonly answer: T } | undefined>
  /** Whether the wire breaks here, for what streams. */
  breaks(): boolean
}

export function createMemoryHub(options: MemoryHubOptions): MemoryHub {
  const { world, delayMs = { min: 0, max: 0 }, loss = 0, duplicates = 0 } = options
  const members = new Map<string, HubMember>()
  const cuts = new Set<string>()

  const chance = (share: number): boolean => share > 0 && draw(world) < share
  const travel = async (signal: AbortSignal): Promise<void> => {
    signal.throwIfAborted()
    const ms = delayMs.min + Math.floor(draw(world) * (delayMs.max - delayMs.min + 1))
    if (delayMs.max > 0) await world.sleep(ms, signal)
  }

  return {
    join(member) {
      members.set(member.peerId, member)
    },
    leave(member) {
      if (members.get(member.peerId) === member) members.delete(member.peerId)
    },
    partition: (one, other) => void cuts.add(pair(one, other)),
    heal: (one, other) => void cuts.delete(pair(one, other)),
    healAll: () => cuts.clear(),
    async call(from, to, signal, work) {
      await travel(signal)
      const member = members.get(to)
      if (!member || cuts.has(pair(from, to)) || chance(loss)) return undefined
      if (chance(duplicates)) await work(member)
      const answer = await work(member)
      await travel(signal)
      return chance(loss) || cuts.has(pair(from, to)) ? undefined : { answer }
    },
    breaks: () => chance(loss),
  }
}

const pair = (one: string, other: string): string => JSON.stringify([one, other].sort())

/** From 0 up to, not including, 1. */
function draw(world: Pick<World, 'random'>): number {
  return Buffer.from(world.random(4)).readUInt32BE() / 2 ** 32
}
