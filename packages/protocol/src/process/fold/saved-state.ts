import type { LoadedDefinition } from '../definition/loaded.ts'
import { canonicalJson, toCanonical } from '../values/canonical.ts'
import { decodeValue, encodeValue } from '../values/snapshot.ts'
import type { Json, ValueMap } from '../values/value.ts'
import { makeFrame } from './create-instance.ts'
import { emptyIntents } from './intent-index.ts'
import type { Winner } from './records.ts'
import { makeSituation, type Parts } from './situation.ts'
import type { Frame, InstanceState, Operation, Situation, StageEntry, Stop } from './state.ts'

/** An instance as JSON, for a node's own keeping. Parts of a situation stand only where they changed. */
export interface SavedState {
  readonly version: 'flow/1'
  readonly instance: string
  /** Hash of the definition. */
  readonly definition: string
  readonly parties: { readonly [role: string]: readonly string[] }
  /** The last is the present. */
  readonly snapshots: readonly SavedSnapshot[]
  /** Author, intent, decision. */
  readonly intents: readonly (readonly [string, string, number])[]
  readonly stop?: Stop
}

export interface SavedSnapshot {
  readonly n: number
  readonly clock: number
  readonly hash: string
  readonly cause?: Winner
  /** Absent if the decision changed nothing. */
  readonly changes?: SavedChanges
}

export interface SavedChanges {
  readonly n: number
  readonly waiting: readonly string[]
  readonly entries: Table<StageEntry>
  readonly operations: Table<Operation>
  readonly counts: Table<number>
  readonly fields: Table<Json>
}

interface Table<T> {
  readonly [name: string]: T
}

/** The instance as JSON, from which `restoreState` makes one that decides alike. */
export function saveState({ frame, snapshots, intents, stop }: InstanceState): SavedState {
  let before: Situation | undefined
  const saved = snapshots.map(({ situation, n, clock, hash, cause }): SavedSnapshot => {
    const changes = situation === before ? undefined : changesOf(before, situation)
    before = situation
    return { n, clock, hash, ...(cause && { cause }), ...(changes && { changes }) }
  })
  return {
    version: 'flow/1',
    instance: frame.instance,
    definition: frame.definition.hash,
    parties: frame.parties,
    snapshots: saved,
    intents: [...intents.entries()],
    ...(stop && { stop }),
  }
}

function changesOf(before: Situation | undefined, after: Situation): SavedChanges {
  const { n, waiting } = after
  return {
    n,
    waiting,
    entries: changed(before?.entries, after.entries, (entry) => entry),
    operations: changed(before?.operations, after.operations, (operation) => operation),
    counts: changed(before?.counts, after.counts, Number),
    fields: changed(before?.fields, after.fields, encodeValue),
  }
}

function changed<T, S>(
  before: Table<T> | undefined,
  after: Table<T>,
  save: (value: T) => S,
): Table<S> {
  const saved: Record<string, S> = Object.create(null)
  for (const [name, value] of Object.entries(after)) {
    if (before === undefined || before[name] !== value) saved[name] = save(value)
  }
  return saved
}

/**
 * The instance that was saved. It goes on even where the saved one had stopped if `resume` is set: for a version that
 * knows more. Throws RangeError if it is of another definition, or damaged.
 */
export function restoreState(
  saved: SavedState,
  definition: LoadedDefinition,
  { resume = false }: { readonly resume?: boolean } = {},
): InstanceState {
  if (saved.definition !== definition.hash) throw new RangeError('Another definition')
  const frame = makeFrame(definition, saved.instance, saved.parties)
  let situation: Situation | undefined
  const snapshots = saved.snapshots.map(({ n, clock, hash, cause, changes }) => {
    if (changes !== undefined) situation = restoreSituation(frame, situation, changes)
    if (situation === undefined) throw new RangeError('A first situation is missing')
    return { n, clock, hash, situation, ...(cause && { cause }) }
  })
  const last = snapshots.at(-1)
  if (last === undefined) throw new RangeError('No snapshots')
  let intents = emptyIntents
  for (const [author, intent, n] of saved.intents) intents = intents.add(author, intent, n)
  const { n, clock, hash } = last
  return {
    frame,
    situation: last.situation,
    n,
    clock,
    hash,
    intents,
    snapshots,
    ...(saved.stop && !resume && { stop: saved.stop }),
  }
}

function restoreSituation(
  frame: Frame,
  before: Situation | undefined,
  { n, waiting, entries, operations, counts, fields }: SavedChanges,
): Situation {
  const values = mapValues(fields, decodeValue)
  const parts: Parts = {
    n,
    waiting,
    entries: over(before?.entries, entries),
    operations: over(before?.operations, operations),
    counts: over<ValueMap[string]>(before?.counts, mapValues(counts, BigInt)),
    fields: over(before?.fields, values),
    texts: over(
      before?.texts,
      mapValues(values, (value) => canonicalJson(toCanonical(value))),
    ),
  }
  return makeSituation(frame, parts)
}

const over = <T>(before: Table<T> | undefined, changes: Table<T>): Table<T> =>
  Object.assign(Object.create(null), before, changes)

function mapValues<T, S>(table: Table<T>, read: (value: T) => S): Table<S> {
  const values: Record<string, S> = Object.create(null)
  for (const [name, value] of Object.entries(table)) values[name] = read(value)
  return values
}
