import type { Json, JsonMap } from '../values/value.ts'
import type { InstanceState, Operation, Stop } from './state.ts'
import { valueToJson } from './value-to-json.ts'

/** An instance as its parties see it. Times are Unix seconds. */
export interface InstanceView {
  readonly instance: string
  /** Hash of the definition. */
  readonly definition: string
  /** DIDs by role. */
  readonly parties: { readonly [role: string]: readonly string[] }
  /** Parties whose consent is missing. */
  readonly waiting: readonly string[]
  /** By track. */
  readonly stages: { readonly [track: string]: { readonly stage: string; readonly since: number } }
  /** The document, each field as its schema says. */
  readonly state: JsonMap
  readonly operations: { readonly [effect: string]: Operation }
  /** Those that have not fired, by name. */
  readonly deadlines: { readonly [name: string]: number }
  readonly closed: boolean
  readonly n: number
  readonly clock: number
  readonly hash: string
  readonly stop?: Stop
}

/** What there is to show of an instance. */
export function describeInstance({ frame, situation, ...rest }: InstanceState): InstanceView {
  const { n, clock, hash, stop } = rest
  const { waiting, entries, operations, closed, dues } = situation
  const state: Record<string, Json> = Object.create(null)
  for (const { name, schema } of frame.definition.fields.values()) {
    state[name] = valueToJson(situation.fields[name] ?? null, schema)
  }
  const running = dues.filter(({ fired }) => !fired)
  return {
    instance: frame.instance,
    definition: frame.definition.hash,
    parties: frame.parties,
    waiting,
    stages: Object.fromEntries(
      Object.entries(entries).map(([track, { stage, since }]) => [track, { stage, since }]),
    ),
    state,
    operations,
    deadlines: Object.fromEntries(running.map(({ name, at }) => [name, at])),
    closed,
    n,
    clock,
    hash,
    ...(stop && { stop }),
  }
}
