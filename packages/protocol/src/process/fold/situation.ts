import { sha256Hex } from '#sha256'
import type { LoadedDeadline } from '../definition/loaded.ts'
import { createMeter, type Meter } from '../rules/meter.ts'
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
  return { ...inner, dues, deadlineValue: deadlinesToValue(frame, dues), hash: hashOf(parts) }
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
  const environment = mapOf([
    ['state', inner.fields],
    ['stage', inner.stageValue],
    ['count', inner.counts],
    ['parties', frame.partiesValue],
  ])
  try {
    return toSeconds(due.rule.evaluate(environment, meter))
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

/** Of RFC 8785 text; the parts are put together from the texts of the fields, so that only what changed is written anew. */
function hashOf({ waiting, entries, texts, counts, operations }: Parts): string {
  const done = Object.entries(counts).flatMap(([step, count]) =>
    typeof count === 'bigint' && count > 0n ? [[step, Number(count)] as const] : [],
  )
  const state = Object.keys(texts)
    .sort()
    .map((field) => `"${field}":${texts[field]}`)
  return sha256Hex(
    `{"consent":${canonicalJson(waiting)},"count":${canonicalJson(Object.fromEntries(done))}` +
      `,"op":${canonicalJson(operations)},"stage":${canonicalJson(entries)},"state":{${state}}}`,
  )
}
