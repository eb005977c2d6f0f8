import { sha256Hex } from '#sha256'
import type { LoadedDeadline } from '../definition/loaded.ts'
import { createMeter, type Meter } from '../rules/meter.ts'
import type { Rule } from '../rules/rule.ts'
import { canonicalJson } from '../values/canonical.ts'
import { RuleFault } from '../values/fault.ts'
import { mapOf, type Value, type ValueMap } from '../values/value.ts'
import type { Due, Frame, Operation, Situation, StageEntry } from './state.ts'

/** What a situation is made of; the rest follows. */
export type Parts = Pick<
  Situation,
  'n' | 'waiting' | 'entries' | 'fields' | 'texts' | 'counts' | 'operations'
>

type Inner = Omit<Situation, 'dues' | 'deadlineValue' | 'hash'>

/** The situation of these parts. */
export function makeSituation(frame: Frame, parts: Parts): Situation {
  const { tracks } = frame.definition
  const inner: Inner = {
    ...parts,
    closed: [...tracks.values()].every(({ name, final }) =>
      final.has(parts.entries[name]?.stage ?? ''),
    ),
    stageValue: mapOf(Object.entries(parts.entries).map(([track, { stage }]) => [track, stage])),
    operationValue: mapOf(
      Object.entries(parts.operations).map(([id, operation]) => [id, operationToValue(operation)]),
    ),
  }
  const dues = findDues(frame, inner)
  return {
    ...inner,
    dues,
    deadlineValue: deadlinesToValue(frame, dues),
    hash: hashOf(frame, parts),
  }
}

const operationToValue = ({ status, by, n }: Operation): ValueMap =>
  mapOf(Object.entries({ status, by, n: BigInt(n) }))

/** Deadlines of the stages that hold, if time runs at all. */
function findDues(frame: Frame, inner: Inner): readonly Due[] {
  const { deadlines } = frame.definition
  if (deadlines.size === 0 || inner.closed || inner.waiting.length > 0) return []
  const meter = createMeter()
  const dues: Due[] = []
  for (const deadline of deadlines.values()) {
    const entry = inner.entries[deadline.track]
    if (entry === undefined || !deadline.stages.has(entry.stage)) continue
    const at = dueOf(frame, inner, deadline, entry, meter)
    if (at === undefined) continue
    dues.push({ name: deadline.name, at, fired: entry.fired.includes(deadline.name) })
  }
  return dues.sort((a, b) => a.at - b.at || (a.name < b.name ? -1 : 1))
}

function dueOf(
  frame: Frame,
  inner: Inner,
  { due }: LoadedDeadline,
  entry: StageEntry,
  meter: Meter,
): number | undefined {
  if ('after' in due) return toSeconds(BigInt(entry.since) + due.after)
  return evaluateTime(frame, inner, due.rule, meter)
}

/** The Unix second that a rule gives; undefined if it gives none. Such rules do not see the clock. */
export function evaluateTime(
  frame: Frame,
  { fields, stageValue, counts }: Pick<Situation, 'fields' | 'stageValue' | 'counts'>,
  rule: Rule,
  meter: Meter,
): number | undefined {
  const environment = mapOf([
    ['state', fields],
    ['stage', stageValue],
    ['count', counts],
    ['parties', frame.partiesValue],
  ])
  try {
    return toSeconds(rule.evaluate(environment, meter))
  } catch (error) {
    if (error instanceof RuleFault) return undefined
    throw error
  }
}

/** A time beyond what JSON can say never comes; one before 1970 is none. */
function toSeconds(value: Value): number | undefined {
  if (typeof value !== 'bigint' || value < 0n || value > BigInt(Number.MAX_SAFE_INTEGER)) {
    return undefined
  }
  return Number(value)
}

/** Each deadline's time, or -1. */
function deadlinesToValue(frame: Frame, dues: readonly Due[]): ValueMap {
  const map: Record<string, Value> = Object.create(null)
  for (const name of frame.definition.deadlines.keys()) map[name] = -1n
  for (const { name, at } of dues) map[name] = BigInt(at)
  return map
}

/**
 * Of the RFC 8785 text of `{consent, count, op, stage, state}`. It is put together from texts, because names of steps,
 * tracks, fields and stages need no escapes, the definition has them in order, and only what changed is written anew.
 */
function hashOf({ definition }: Frame, parts: Parts): string {
  const { waiting, entries, texts, counts, operations } = parts
  const consent = waiting.length === 0 ? '[]' : canonicalJson(waiting)
  const asked = Object.keys(operations).length === 0 ? '{}' : canonicalJson(operations)
  let count = ''
  for (const step of definition.steps.keys()) {
    const times = counts[step]
    if (times !== 0n) count += `${count === '' ? '' : ','}"${step}":${times}`
  }
  let stage = ''
  for (const track of definition.tracks.keys()) {
    stage += `${stage === '' ? '' : ','}"${track}":${textOfEntry(entries[track])}`
  }
  let state = ''
  for (const field of definition.fields.keys()) {
    state += `${state === '' ? '' : ','}"${field}":${texts[field]}`
  }
  return sha256Hex(
    `{"consent":${consent},"count":{${count}},"op":${asked},"stage":{${stage}},"state":{${state}}}`,
  )
}

function textOfEntry(entry: StageEntry | undefined): string {
  if (entry === undefined) return 'null'
  const fired = entry.fired.map((name) => `"${name}"`).join()
  return `{"fired":[${fired}],"n":${entry.n},"since":${entry.since},"stage":"${entry.stage}"}`
}
