import type { ProfileSchema } from '../schema/types.ts'
import type { Json, JsonMap } from '../values/value.ts'

/** A duration of whole days, hours, minutes and seconds: `P5D`, `PT12H`, `P1DT30M`. */
export type DurationText = string
/** An expression of the rule language. */
export type Expression = string
type Table<T> = { readonly [name: string]: T }

/** A `flow/1` document: who may do what to a shared document, when, and what follows. */
export interface Definition {
  readonly flow: 'flow/1'
  readonly name: string
  readonly version: string
  readonly title?: string
  readonly description?: string
  /** Prose that this process carries out, by its SHA-256. */
  readonly terms?: { readonly title?: string; readonly hash: string }
  readonly govern?: Governance
  readonly roles: Table<Role>
  /** The shared document, by field. */
  readonly state?: Table<Field>
  /** Parallel tracks, each with its stages. */
  readonly stages: Table<Track>
  readonly steps: Table<Step>
  readonly deadlines?: Table<Deadline>
  readonly calendars?: Table<CalendarTable>
  readonly children?: Table<Child>
  readonly migrate?: readonly Migration[]
}

/** Exactly one of `one` and `many`. */
export interface Role {
  readonly title?: string
  readonly one?: true
  readonly many?: true
  readonly min?: number
  readonly max?: number
  /** May join after the start. */
  readonly late?: boolean
  /** Sees, but submits no steps. */
  readonly observer?: boolean
}

export interface Field {
  readonly title?: string
  readonly schema: ProfileSchema
  /** Who may read it; everybody unless said. */
  readonly visible?: readonly string[]
  /** `null`, which is also the default, means not set yet. */
  readonly default?: Json
}

export interface Track {
  readonly initial: string
  readonly values: readonly string[]
  readonly final: readonly string[]
}

export interface Step {
  readonly title?: string
  readonly help?: string
  readonly by: readonly string[]
  /** Where it is possible: by track, a stage or some. A track left out may be anywhere. */
  readonly in?: Table<string | readonly string[]>
  readonly to?: Table<string>
  readonly input?: ProfileSchema
  readonly visible?: Table<readonly string[]>
  readonly receipt?: Votes
  readonly when?: readonly Guard[]
  readonly do?: readonly Assignment[]
  /** Computed on acceptance, recorded and told. */
  readonly output?: Table<Expression>
  readonly effects?: readonly Effect[]
  /** The effect whose end this step reports. */
  readonly result?: string
  readonly trigger?: Trigger
  /** Not shown to people; a program submits it. */
  readonly auto?: boolean
  readonly task?: TaskHints
  readonly spawn?: { readonly child: string; readonly with?: Table<Expression> }
}

export interface Guard {
  readonly code: string
  readonly rule: Expression
  readonly message?: string
  readonly attest?: Votes
  readonly proof?: Proof
}

/** All right sides of a step see the old state. */
export interface Assignment {
  /** `field` or `field[expression]`. */
  readonly set: string
  readonly to: Expression
  readonly if?: Expression
}

export interface Effect {
  readonly id: string
  readonly kind: EffectKind
  /** A role of one party, or `$author`. */
  readonly by: string
  readonly with: Table<Expression>
  readonly within?: DurationText
}

export type EffectKind =
  | 'message.private'
  | 'message.broadcast'
  | 'token.mint'
  | 'token.burn'
  | 'token.transfer'
  | 'token.approval'
  | 'contract.invoke'

/** Exactly one of `api`, `schedule`, `chain`, `child` and `oracle`. */
export interface Trigger {
  readonly api?: boolean
  /** Unix seconds at which the step falls due. */
  readonly schedule?: Expression
  readonly chain?: 'token_transfer' | 'token_approval' | 'contract_event'
  readonly pool?: string
  readonly listener?: string
  readonly child?: string
  readonly oracle?: Votes
}

export interface TaskHints {
  readonly priority?: 'low' | 'normal' | 'high'
  readonly remind?: readonly DurationText[]
  readonly candidateHint?: string
  readonly ui?: JsonMap
}

/** Exactly one of `after` and `due`. */
export interface Deadline {
  readonly title?: string
  readonly track: string
  readonly stage: string | readonly string[]
  /** Since the stage was entered. */
  readonly after?: DurationText
  /** Unix seconds. */
  readonly due?: Expression
  readonly do?: readonly Assignment[]
  readonly to?: Table<string>
}

export interface CalendarTable {
  /** ISO days of the week, 1 for Monday. */
  readonly weekend: readonly number[]
  /** Dates, `2026-12-25`. */
  readonly holidays: readonly string[]
  /** Minutes east of UTC. */
  readonly utcOffset?: number
}

export interface Governance {
  readonly consent?: 'each' | 'standing'
  readonly clock?: 'block' | { readonly quorum: number }
  readonly join?: Votes
  readonly leave?: Votes
  readonly migrate?: Votes
  readonly gap?: { readonly quorum: 'all' | 'majority' | number; readonly window: DurationText }
}

export interface Votes {
  readonly by: readonly string[]
  readonly quorum: number
  readonly self?: boolean
  readonly within?: DurationText
}

export interface Proof {
  readonly system: 'range-pedersen/1' | 'sum-pedersen/1' | 'groth16-bn254/1'
  readonly vk?: string
  readonly inputs?: readonly Expression[]
}

export interface Child {
  readonly definition: string
  readonly parties: Table<Expression>
  readonly report?: Votes
}

export interface Migration {
  readonly from: string
  readonly stages?: Table<Table<string>>
  readonly do?: readonly Assignment[]
}
