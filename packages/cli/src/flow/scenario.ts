import type { JsonMap } from '@concordat/protocol/process'

/** A story of one process, to be played against the fold. */
export interface Scenario {
  readonly title?: string
  /** DIDs by role. */
  readonly parties: { readonly [role: string]: readonly string[] }
  /** Of which party the process is. */
  readonly creator: string
  /** DIDs of those that had adopted the definition before. */
  readonly adopted: readonly string[]
  /** Unix seconds. */
  readonly start: number
  readonly events: readonly Happening[]
}

/** One entry of a story. */
export type Happening =
  | StepEvent
  /** Time passes; the nodes tell the process when a deadline is past. */
  | (Common & { readonly kind: 'wait'; readonly seconds: number })
  /** Steps that are pinned one after the other, by parties that have seen none of the others. */
  | (Common & { readonly kind: 'race'; readonly steps: readonly StepEvent[] })
  /** Nothing happens, but something is expected. */
  | (Common & { readonly kind: 'pause' })

interface Common {
  /** Where it stands in the file. */
  readonly path: readonly (string | number)[]
  readonly expect?: Expectation
}

export interface StepEvent extends Common {
  readonly kind: 'step'
  readonly step: string
  /** DID. */
  readonly by: string
  readonly role?: string
  readonly input: JsonMap
  /** Seconds since what came before: a minute unless said, and in a race none. */
  readonly after?: number
  /** One wish of its author; the same again is decided once. */
  readonly intent?: string
  /** The decision up to which its author knows the process; the last one unless said. */
  readonly seen?: number
  readonly unchangedSince?: number
}

/** What shall have come of it. All that is said must hold. */
export interface Expectation {
  readonly verdict?: 'accepted' | 'rejected' | 'void'
  readonly code?: string
  /** With CONFLICT: what it would have been refused for. */
  readonly rule?: string
  /** Number of a decision, or the name of a step or a deadline. */
  readonly winner?: number | string
  readonly output?: JsonMap
  /** Ids of the effects asked for. */
  readonly effects?: readonly string[]
  /** Deadlines that fired, in order. */
  readonly fired?: readonly string[]
  readonly stages?: { readonly [track: string]: string }
  /** Some fields of the document. */
  readonly state?: JsonMap
  /** What a party may do next, all of it, by DID. */
  readonly turn?: { readonly [did: string]: readonly string[] }
  readonly closed?: boolean
}
