import type { Rule } from '../rules/rule.ts'
import type { ProfileSchema } from '../schema/types.ts'
import type { Calendars } from '../values/calendar.ts'
import type { Json } from '../values/value.ts'
import type { Fault } from './faults.ts'
import type { Definition, EffectKind, Step } from './types.ts'

/** A definition that passed every check, with its rules compiled. Frozen; safe to share. */
export interface LoadedDefinition {
  /** Frozen copy without prototypes. */
  readonly document: Definition
  /** SHA-256 of the canonical JSON, in hex. */
  readonly hash: string
  /** In order of code points, like all maps here. */
  readonly roles: readonly string[]
  readonly tracks: ReadonlyMap<string, LoadedTrack>
  readonly fields: ReadonlyMap<string, LoadedField>
  readonly steps: ReadonlyMap<string, LoadedStep>
  readonly deadlines: ReadonlyMap<string, LoadedDeadline>
  readonly calendars: Calendars
}

export interface LoadedTrack {
  readonly name: string
  readonly initial: string
  readonly values: readonly string[]
  readonly final: ReadonlySet<string>
}

export interface LoadedField {
  readonly name: string
  /** Without `$ref`. */
  readonly schema: ProfileSchema
  readonly default: Json
}

export interface LoadedStep {
  readonly name: string
  readonly by: ReadonlySet<string>
  /** Stages in which it is possible; a track that is absent may be anywhere. */
  readonly in: ReadonlyMap<string, ReadonlySet<string>>
  readonly to: ReadonlyMap<string, string>
  /** Without `$ref`; closed unless the definition opens it. */
  readonly input: ProfileSchema
  readonly guards: readonly LoadedGuard[]
  readonly assignments: readonly LoadedAssignment[]
  /** In order of code points of the names. */
  readonly output: ReadonlyMap<string, Rule>
  readonly effects: readonly LoadedEffect[]
  /** When the step falls due by schedule, in Unix seconds. */
  readonly schedule?: Rule
  readonly document: Step
}

export interface LoadedGuard {
  readonly code: string
  readonly message?: string
  readonly rule: Rule
}

export interface LoadedAssignment {
  readonly field: string
  /** The key or index within the field. */
  readonly index?: Rule
  readonly value: Rule
  readonly condition?: Rule
}

export interface LoadedEffect {
  readonly id: string
  readonly kind: EffectKind
  readonly by: string
  readonly with: ReadonlyMap<string, Rule>
}

export interface LoadedDeadline {
  readonly name: string
  readonly track: string
  readonly stages: ReadonlySet<string>
  /** Seconds after the stage was entered, or a rule for the Unix second. */
  readonly due: { readonly after: bigint } | { readonly rule: Rule }
  readonly assignments: readonly LoadedAssignment[]
  readonly to: ReadonlyMap<string, string>
}

/**
 * `loaded`: no faults. `unsupported`: it uses what this version does not know yet, so an incoming one parks its instance.
 * `refused`: it breaks the rules of the format for every member.
 */
export type LoadResult =
  | {
      readonly outcome: 'loaded'
      readonly definition: LoadedDefinition
      readonly faults: readonly []
      readonly warnings: readonly Fault[]
    }
  | {
      readonly outcome: 'unsupported' | 'refused'
      readonly definition?: undefined
      readonly faults: readonly Fault[]
      readonly warnings: readonly Fault[]
    }
