import type { World } from '../../lib/world.ts'
import type { BlobStore, ExchangeHandlers } from '../exchange.ts'
import type { Directory } from './directory.ts'

/** What may happen to a call; read anew for each, so that it may change while calls are made. */
export interface HubConditions {
  /** How long a call takes to arrive, drawn anew for each, in milliseconds. */
  readonly delayMs?: { readonly min: number; readonly max: number }
  /** Share of calls whose request is lost, and again of those whose answer is. */
  readonly loss?: number
  /** Share of calls that arrive twice. */
  readonly duplicates?: number
}

export interface MemoryHubOptions extends HubConditions {
  readonly world: World
}

/** How late a second copy of a call comes, at most, in milliseconds. */
const LATE_MS = 5_000

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
  const { world } = options
  const members = new Map<string, HubMember>()
  const cuts = new Set<string>()

  const chance = (share: number): boolean => share > 0 && draw(world) < share
  const travel = async (signal: AbortSignal): Promise<void> => {
    signal.throwIfAborted()
    const { delayMs = { min: 0, max: 0 } } = options
    const ms = delayMs.min + Math.floor(draw(world) * (delayMs.max - delayMs.min + 1))
    if (delayMs.max > 0) await world.sleep(ms, signal)
  }

  const lost = (): boolean => chance(options.loss ?? 0)
  /** A second copy, after the first was answered. */
  const arriveLate = (to: string, work: (to: HubMember) => Promise<unknown>): void => {
    void world
      .sleep(Math.floor(draw(world) * LATE_MS))
      .then(async () => {
        const member = members.get(to)
        if (member) await work(member)
      })
      .catch(() => {})
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
      if (!member || cuts.has(pair(from, to)) || lost()) return undefined
      if (chance(options.duplicates ?? 0)) {
        if (chance(0.5)) await work(member)
        else arriveLate(to, work)
      }
      const answer = await work(member)
      await travel(signal)
      return lost() || cuts.has(pair(from, to)) ? undefined : { answer }
    },
    breaks: lost,
  }
}

const pair = (one: string, other: string): string => JSON.stringify([one, other].sort())

/** From 0 up to, not including, 1. */
function draw(world: Pick<World, 'random'>): number {
  return Buffer.from(world.random(4)).readUInt32BE() / 2 ** 32
}
