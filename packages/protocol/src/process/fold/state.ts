import type { LoadedDefinition } from '../definition/loaded.ts'
import type { ValueMap } from '../values/value.ts'
import type { IntentIndex } from './intent-index.ts'
import type { Winner } from './records.ts'

/** What of an instance never changes. */
export interface Frame {
  readonly instance: string
  readonly definition: LoadedDefinition
  /** DIDs by role. */
  readonly parties: { readonly [role: string]: readonly string[] }
  /** Roles by DID. */
  readonly rolesOf: ReadonlyMap<string, ReadonlySet<string>>
  /** `parties`, as rules see it. */
  readonly partiesValue: ValueMap
}

/** A track's stage, from when it was entered. */
export interface StageEntry {
  readonly stage: string
  /** Unix seconds. */
  readonly since: number
  /** The decision that entered it. */
  readonly n: number
  /** Deadlines that have fired since. */
  readonly fired: readonly string[]
}

/** Something asked of one party, by the name of its effect. */
export interface Operation {
  readonly status: 'requested' | 'confirmed' | 'failed'
  /** DID of the party that does it. */
  readonly by: string
  /** The decision that asked for it. */
  readonly n: number
}

/** A deadline of a stage that holds. */
export interface Due {
  readonly name: string
  /** Unix seconds. */
  readonly at: number
  readonly fired: boolean
}

/**
 * What steps are judged against: shared by all decisions until one changes it. Of each part there is the form that rules
 * read, made once.
 */
export interface Situation {
  /** The decision that brought it about. */
  readonly n: number
  /** Parties that have not joined; until none is left, no step is possible and no deadline runs. */
  readonly waiting: readonly string[]
  readonly entries: { readonly [track: string]: StageEntry }
  readonly fields: ValueMap
  /** Canonical texts of the fields. */
  readonly texts: { readonly [field: string]: string }
  /** How often each step was accepted. */
  readonly counts: ValueMap
  readonly operations: { readonly [effect: string]: Operation }
  readonly closed: boolean
  /** By due time, then by name. */
  readonly dues: readonly Due[]
  readonly stageValue: ValueMap
  readonly deadlineValue: ValueMap
  readonly operationValue: ValueMap
  /** Of who is awaited, stages, document, counts and operations: what records call `s`. */
  readonly hash: string
}

/** The instance after decision `n`. */
export interface Snapshot {
  readonly n: number
  readonly clock: number
  readonly hash: string
  readonly situation: Situation
  /** The decision itself, if it changed anything. */
  readonly cause?: Winner
}

/** Why no event is decided any more. */
export type Stop =
  /** It uses what this version does not know; a newer one goes on from here. */
  | { readonly kind: 'parked'; readonly feature: string }
  | { readonly kind: 'halted'; readonly reason: 'TIMEOUT_STORM' }

/** An instance. Never changed in place: every decision makes a new one that shares what stayed the same. */
export interface InstanceState {
  readonly frame: Frame
  readonly situation: Situation
  /** Number of the last decision. */
  readonly n: number
  /** Unix seconds. */
  readonly clock: number
  /** Hash of the last record and of all before it. */
  readonly hash: string
  readonly intents: IntentIndex
  /** Oldest first; the last is the present. */
  readonly snapshots: readonly Snapshot[]
  readonly stop?: Stop
}
