import { describePlace, isSection, type Path, pathText, quote } from '../definition/path.ts'
import type { Definition } from '../definition/types.ts'
import { equalJson } from '../schema/equal-json.ts'
import { canonicalJson } from '../values/canonical.ts'
import type { Json, JsonMap } from '../values/value.ts'

/** One difference between two versions. */
export interface Difference {
  readonly kind: 'added' | 'removed' | 'changed'
  /** Where: in the old version if it is removed, else in the new. */
  readonly path: string
  /** A sentence. */
  readonly text: string
  /** False if only words for people differ. */
  readonly binding: boolean
}

/** Keys whose texts decide nothing. */
const WORDS = ['title', 'description', 'help', 'task']
/** What tells the entries of a list apart, by the key of the list. */
const IDENTITY: Readonly<Record<string, string>> = {
  when: 'code',
  do: 'set',
  effects: 'id',
  migrate: 'from',
}
const MAX_TEXT = 120

/** What is different in the second of two definitions, in words. */
export function diffDefinitions(before: Definition, after: Definition): readonly Difference[] {
  const differences: Difference[] = []
  compare(asJson(before), asJson(after), { path: [], at: [] }, differences)
  return differences
}

/** Plain data again, whatever the types say. */
const asJson = (definition: Definition): Json => JSON.parse(canonicalJson(definition))

interface Place {
  readonly path: Path
  /** The path with names in place of indexes. */
  readonly at: Path
}

function compare(before: Json, after: Json, place: Place, differences: Difference[]): void {
  if (equalJson(before, after)) return
  const identity = identityAt(place)
  if (isObject(before) && isObject(after)) compareObjects(before, after, place, differences)
  else if (!isList(before) || !isList(after)) {
    tell('changed', place, `${shown(before)} becomes ${shown(after)}`, differences)
  } else if (identity !== undefined) compareKeyed(before, after, identity, place, differences)
  else compareSets(before, after, place, differences)
}

function identityAt({ path }: Place): string | undefined {
  const key = path.at(-1)
  return typeof key === 'string' && Object.hasOwn(IDENTITY, key) ? IDENTITY[key] : undefined
}

function compareObjects(
  before: JsonMap,
  after: JsonMap,
  place: Place,
  differences: Difference[],
): void {
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const inner = { path: [...place.path, key], at: [...place.at, key] }
    comparePart(before[key], after[key], inner, differences)
  }
}

function comparePart(
  before: Json | undefined,
  after: Json | undefined,
  place: Place,
  differences: Difference[],
): void {
  if (before !== undefined && after !== undefined) compare(before, after, place, differences)
  else if (identityAt(place) !== undefined) compare(before ?? [], after ?? [], place, differences)
  else if (before !== undefined) tell('removed', place, was(before, place), differences)
  else if (after !== undefined) tell('added', place, is(after, place), differences)
}

/** Lists whose entries have a name; the same name twice is told apart by its turn. */
function compareKeyed(
  before: readonly Json[],
  after: readonly Json[],
  identity: string,
  place: Place,
  differences: Difference[],
): void {
  const [old, now] = [named(before, identity), named(after, identity)]
  for (const [name, { item, index }] of old) {
    const next = now.get(name)
    const path = [...place.path, next?.index ?? index]
    comparePart(item, next?.item, { path, at: [...place.at, name] }, differences)
  }
  for (const [name, { item, index }] of now) {
    if (old.has(name)) continue
    const inner = { path: [...place.path, index], at: [...place.at, name] }
    comparePart(undefined, item, inner, differences)
  }
  const kept = [...old.keys()].filter((name) => now.has(name))
  const order = [...now.keys()].filter((name) => old.has(name))
  if (kept.some((name, i) => name !== order[i])) {
    tell('changed', place, `the order is now ${order.join(', ')}`, differences)
  }
}

interface Entry {
  readonly item: Json
  readonly index: number
}

function named(list: readonly Json[], identity: string): ReadonlyMap<string, Entry> {
  const entries = new Map<string, Entry>()
  for (const [index, item] of list.entries()) {
    const name = isObject(item) ? String(item[identity]) : quote(item)
    let key = name
    for (let turn = 2; entries.has(key); turn++) key = `${name} (${turn})`
    entries.set(key, { item, index })
  }
  return entries
}

function compareSets(
  before: readonly Json[],
  after: readonly Json[],
  place: Place,
  differences: Difference[],
): void {
  const gone = before.filter((item) => !after.some((other) => equalJson(item, other)))
  const come = after.filter((item) => !before.some((other) => equalJson(item, other)))
  for (const item of gone) tell('removed', place, `${shown(item)} is gone`, differences)
  for (const item of come) tell('added', place, `${shown(item)} is new`, differences)
  if (gone.length + come.length === 0) {
    tell('changed', place, `${shown(before)} becomes ${shown(after)}`, differences)
  }
}

/** Things with a name of their own come and go; what belongs to them has a value. */
const isThing = ({ at }: Place): boolean =>
  (at.length === 2 && isSection(at[0])) || Object.hasOwn(IDENTITY, String(at.at(-2)))
const was = (value: Json, place: Place): string =>
  isThing(place) ? 'is gone' : `was ${shown(value)}, and is gone`
const is = (value: Json, place: Place): string =>
  isThing(place) ? 'is new' : `is now ${shown(value)}`

function tell(
  kind: Difference['kind'],
  { path, at }: Place,
  what: string,
  differences: Difference[],
): void {
  const words = /^(is |was )/.test(what)
    ? `${describePlace(at)} ${what}.`
    : `${describePlace(at)}: ${what}.`
  differences.push({ kind, path: pathText(path), text: words, binding: !isForPeople(at) })
}

function isForPeople([first, second, third, , fifth]: Path): boolean {
  const isWord = (key: string | number | undefined): boolean => WORDS.some((word) => word === key)
  if (!isSection(first)) return isWord(first) || (first === 'terms' && second === 'title')
  return isWord(third) || (third === 'when' && fifth === 'message')
}

function shown(value: Json): string {
  const text = typeof value === 'object' ? canonicalJson(value) : JSON.stringify(value)
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text
}

const isObject = (json: Json): json is JsonMap =>
  typeof json === 'object' && json !== null && !Array.isArray(json)
const isList = (json: Json): json is readonly Json[] => Array.isArray(json)
