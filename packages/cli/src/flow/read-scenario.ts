import { type LoadedDefinition, parseIsoDuration, RuleFault } from '@concordat/protocol/process'
import type { Path } from './place.ts'
import { readExpectation } from './read-expectation.ts'
import { isTable, Reader } from './reader.ts'
import type { Happening, Scenario, StepEvent } from './scenario.ts'
import { type Remark, type Source, toData } from './source.ts'
import { toDid, toSeconds } from './tags.ts'
import { membersOf, nameOf, readJson, readParty, type Telling } from './telling.ts'

/** So that a story, however long, ends before numbers do. */
const LAST_START = 253_402_300_799
const LONGEST = 100 * 366 * 86_400
const DEFAULT_START = '2026-12-01T09:00Z'

/** Reads a scenario of a definition, or says all that is wrong with it. */
export function readScenario(
  source: Source,
  definition: LoadedDefinition,
): { readonly scenario?: Scenario; readonly remarks: readonly Remark[] } {
  if (source.problems.length > 0) return { remarks: source.problems }
  const reader = new Reader(source)
  const scenario = read(reader, definition, toData(source))
  const { remarks } = reader
  return { remarks, ...(scenario && remarks.length === 0 && { scenario }) }
}

function read(reader: Reader, definition: LoadedDefinition, json: unknown): Scenario | undefined {
  const keys = ['title', 'parties', 'creator', 'adopted', 'start', 'events']
  const record = reader.record(json, [], keys)
  if (record === undefined) return undefined
  for (const key of ['parties', 'events'] as const) {
    if (record[key] === undefined) reader.complain([], `"${key}" is missing`, `Add "${key}".`)
  }
  const parties = readParties(reader, definition, record.parties ?? {})
  const telling = { reader, definition, parties }
  const all = membersOf(parties)
  const standing = definition.document.govern?.consent === 'standing'
  const { title, start = DEFAULT_START, creator, adopted, events = [] } = record
  const list = reader.list(events, ['events']) ?? []
  return {
    ...(title !== undefined && { title: reader.text(title, ['title']) ?? '' }),
    parties,
    creator: (creator === undefined ? all[0] : readParty(telling, creator, ['creator'])) ?? '',
    adopted: adopted === undefined ? (standing ? all : []) : readAll(telling, adopted, ['adopted']),
    start: readTime(reader, start, ['start']),
    events: list.flatMap((event, i) => readHappening(telling, event, ['events', i]) ?? []),
  }
}

function readParties(
  reader: Reader,
  definition: LoadedDefinition,
  json: unknown,
): Scenario['parties'] {
  const table = reader.table(json, ['parties']) ?? {}
  for (const role of Object.keys(table)) {
    const mend = `Use: ${definition.roles.join(', ')}.`
    if (definition.roles.includes(role)) continue
    reader.complain(['parties'], `there is no role "${role}"`, mend, role)
  }
  for (const role of definition.roles) {
    if (Object.hasOwn(table, role)) continue
    reader.complain(['parties'], `nobody is "${role}"`, `Add "${role}: <name>".`)
  }
  const parties = Object.entries(table).map(([role, names]) => {
    const list = reader.texts(names, ['parties', role]) ?? []
    return [role, list.map(toDid)] as const
  })
  return Object.fromEntries(parties)
}

function readAll(telling: Telling, json: unknown, path: Path): readonly string[] {
  const list = telling.reader.list(json, path) ?? []
  return list.flatMap((item, i) => readParty(telling, item, [...path, i]) ?? [])
}

function readTime(reader: Reader, json: unknown, path: Path): number {
  const seconds = typeof json === 'string' ? toSeconds(json) : json
  if (typeof seconds === 'number' && seconds >= 0 && seconds <= LAST_START) {
    if (Number.isInteger(seconds)) return seconds
  }
  reader.complain(path, 'a time is expected here', 'Write it in UTC: 2026-12-01T09:00Z.')
  return 0
}

function readHappening(telling: Telling, json: unknown, path: Path): Happening | undefined {
  const { reader } = telling
  if (!isTable(json)) return reader.complain(path, 'an event is expected here', EVENT)
  const isPause = json.step === undefined && json.expect !== undefined
  const kind = (['wait', 'race'] as const).find((key) => json[key] !== undefined)
  if (kind === undefined && !isPause) return readStep(telling, json, path)
  reader.record(json, path, kind === undefined ? ['expect'] : [kind, 'expect'])
  const common = { path, ...expectationOf(telling, json.expect, path) }
  if (kind === undefined) return { ...common, kind: 'pause' }
  const at = [...path, kind]
  if (kind === 'wait') return { ...common, kind, seconds: readSeconds(reader, json.wait, at) }
  const list = reader.list(json.race, at) ?? []
  const steps = list.flatMap((step, i) => readStep(telling, step, [...at, i]) ?? [])
  return { ...common, kind, steps }
}

const EVENT = 'Write "step" and "by", "wait", "race" or "expect".'

const expectationOf = (telling: Telling, json: unknown, path: Path) =>
  json === undefined ? {} : { expect: readExpectation(telling, json, [...path, 'expect']) }

function readStep(telling: Telling, json: unknown, path: Path): StepEvent | undefined {
  const { reader } = telling
  const keys = ['step', 'by', 'as', 'input', 'after', 'intent', 'seen', 'unchangedSince', 'expect']
  const record = reader.record(json, path, keys)
  if (record === undefined) return undefined
  if (record.step === undefined || record.by === undefined) {
    return reader.complain(path, '"step" and "by" are needed', EVENT)
  }
  const step = reader.text(record.step, [...path, 'step'])
  const by = readParty(telling, record.by, [...path, 'by'])
  if (step === undefined || by === undefined) return undefined
  const { after, intent, seen, unchangedSince } = record
  return {
    kind: 'step',
    path,
    step,
    by,
    ...roleOf(telling, { step, by, as: record.as }, path),
    input: readJson(reader, record.input ?? {}, [...path, 'input']),
    ...(after !== undefined && { after: readSeconds(reader, after, [...path, 'after']) }),
    ...(intent !== undefined && { intent: reader.text(intent, [...path, 'intent']) ?? '' }),
    ...(seen !== undefined && { seen: reader.count(seen, [...path, 'seen']) ?? 0 }),
    ...(unchangedSince !== undefined && {
      unchangedSince: reader.count(unchangedSince, [...path, 'unchangedSince']) ?? 0,
    }),
    ...expectationOf(telling, record.expect, path),
  }
}

/** As a node does: the role goes without saying if the party has but one that may take the step. */
function roleOf(
  { reader, definition, parties }: Telling,
  given: { readonly step: string; readonly by: string; readonly as: unknown },
  path: Path,
): { readonly role?: string } {
  const { step, by, as } = given
  if (as !== undefined) {
    const role = reader.known(as, [...path, 'as'], 'role', definition.roles)
    return role === undefined ? {} : { role }
  }
  if (step.startsWith('$')) return {}
  const held = definition.roles.filter((role) => parties[role]?.includes(by))
  const may = held.filter((role) => definition.steps.get(step)?.by.has(role))
  if (may.length > 1) {
    const mend = `Say in which one: "as: ${may.join('" or "as: ')}".`
    reader.complain(path, `${nameOf(by)} may take "${step}" in more than one role`, mend)
  }
  const role = may[0] ?? held[0]
  return role === undefined ? {} : { role }
}

function readSeconds(reader: Reader, json: unknown, path: Path): number {
  const seconds = durationOf(String(json))
  if (seconds !== undefined && seconds <= LONGEST) return seconds
  const mend = 'Write up to 100 years in days, hours, minutes and seconds: P5D, PT12H, P1DT30M.'
  reader.complain(path, 'a duration is expected here', mend)
  return 0
}

function durationOf(text: string): number | undefined {
  try {
    return Number(parseIsoDuration(text))
  } catch (error) {
    if (error instanceof RuleFault) return undefined
    throw error
  }
}
