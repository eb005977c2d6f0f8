import type { LoadedEffect, LoadedStep } from '../definition/loaded.ts'
import { createMeter, type Meter } from '../rules/meter.ts'
import type { Environment, Rule } from '../rules/rule.ts'
import { canonicalJson, toCanonical } from '../values/canonical.ts'
import { RuleFault } from '../values/fault.ts'
import type { Json, JsonMap, Value, ValueMap } from '../values/value.ts'
import { assign } from './assignments.ts'
import type { Attempt } from './check.ts'
import { type Moment, makeEnvironment } from './environment.ts'
import type { EffectRequest } from './records.ts'
import { makeRoom, type Room, takeRoom } from './room.ts'
import { makeSituation } from './situation.ts'
import type { Due, Frame, Operation, Situation, StageEntry } from './state.ts'

/** What follows from accepting a step. */
export interface Consequences {
  readonly situation: Situation
  readonly output: { readonly [name: string]: Json }
  readonly effects: readonly EffectRequest[]
}

/**
 * Everything an accepted step brings about, or undefined if any part of it cannot be computed. Every rule sees the
 * situation before the step.
 */
export function applyStep(
  frame: Frame,
  moment: Moment,
  attempt: Attempt,
  meter: Meter,
): Consequences | undefined {
  return unlessFault(() => {
    const { step } = attempt
    const { situation: old, n } = moment
    const environment = makeEnvironment(frame, moment, attempt)
    const room = makeRoom()
    const document = assign(frame.definition, old, step.assignments, environment, meter)
    const output = evaluateAll(step.output, environment, meter, room)
    const effects = step.effects.map((effect) => ({
      id: effect.id,
      kind: effect.kind,
      by: performerOf(frame, effect, attempt.author),
      with: evaluateAll(effect.with, environment, meter, room),
    }))
    const situation = makeSituation(frame, {
      ...old,
      ...document,
      n,
      entries: enter(old.entries, step.to, moment),
      counts: increment(old.counts, step.name),
      operations: operate(old.operations, attempt, effects, n),
    })
    return { situation, output, effects }
  })
}

/**
 * What a deadline brings about. Its stages move even if its assignments cannot be computed, which `failed` says:
 * otherwise it would fall due for ever.
 */
export function applyDeadline(
  frame: Frame,
  moment: Moment,
  due: Due,
): { readonly situation: Situation; readonly failed: boolean } {
  const { situation: old, n } = moment
  const deadline = frame.definition.deadlines.get(due.name)
  const environment = makeEnvironment(frame, moment)
  const assignments = deadline?.assignments ?? []
  const document = unlessFault(() =>
    assign(frame.definition, old, assignments, environment, createMeter()),
  )
  const entries = enter(
    markFired(old.entries, deadline?.track ?? '', due.name),
    deadline?.to ?? new Map(),
    moment,
  )
  const situation = makeSituation(frame, { ...old, ...document, n, entries })
  return { situation, failed: document === undefined }
}

/** The entries of the tracks, those of `to` entered anew, even if the stage stays the same. */
export function enter(
  entries: Situation['entries'],
  to: ReadonlyMap<string, string>,
  { now, n }: Moment,
): Situation['entries'] {
  if (to.size === 0) return entries
  const changed: Record<string, StageEntry> = Object.assign(Object.create(null), entries)
  for (const [track, stage] of to) changed[track] = { stage, since: now, n, fired: [] }
  return changed
}

function markFired(
  entries: Situation['entries'],
  track: string,
  name: string,
): Situation['entries'] {
  const entry = entries[track]
  if (entry === undefined) return entries
  const changed: Record<string, StageEntry> = Object.assign(Object.create(null), entries)
  changed[track] = { ...entry, fired: [...entry.fired, name] }
  return changed
}

/** The author, or the first party of the role. */
function performerOf({ parties }: Frame, { by }: LoadedEffect, author: string): string {
  return by === '$author' ? author : (parties[by]?.[0] ?? author)
}

function evaluateAll(
  rules: ReadonlyMap<string, Rule>,
  environment: Environment,
  meter: Meter,
  room: Room,
): JsonMap {
  const values: Record<string, Json> = Object.create(null)
  for (const [name, rule] of rules) {
    const value = rule.evaluate(environment, meter)
    takeRoom(room, value)
    const json = toCanonical(value)
    // Refuses what cannot be written, half surrogate pairs for one, before it is part of a record.
    canonicalJson(json)
    values[name] = json
  }
  return values
}

function increment(counts: ValueMap, step: string): ValueMap {
  const changed: Record<string, Value> = Object.assign(Object.create(null), counts)
  const count = counts[step]
  changed[step] = (typeof count === 'bigint' ? count : 0n) + 1n
  return changed
}

function operate(
  old: Situation['operations'],
  { step, input }: { readonly step: LoadedStep; readonly input: ValueMap },
  effects: readonly EffectRequest[],
  n: number,
): Situation['operations'] {
  const reported = step.document.result
  if (reported === undefined && effects.length === 0) return old
  const changed: Record<string, Operation> = Object.assign(Object.create(null), old)
  const operation = reported === undefined ? undefined : old[reported]
  if (reported !== undefined && operation !== undefined) {
    changed[reported] = { ...operation, status: input.failed === true ? 'failed' : 'confirmed' }
  }
  for (const { id, by } of effects) changed[id] = { status: 'requested', by, n }
  return changed
}

function unlessFault<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    if (error instanceof RuleFault) return undefined
    throw error
  }
}
