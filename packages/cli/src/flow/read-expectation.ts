import type { Path } from './place.ts'
import type { Expectation } from './scenario.ts'
import { readJson, readParty, type Telling } from './telling.ts'

const VERDICTS = ['accepted', 'rejected', 'void'] as const
type Verdict = (typeof VERDICTS)[number]
const KEYS = [
  'verdict',
  'code',
  'rule',
  'winner',
  'output',
  'effects',
  'fired',
  'stages',
  'state',
  'turn',
  'closed',
] as const
type Key = (typeof KEYS)[number]

const isVerdict = (text: unknown): text is Verdict => VERDICTS.some((one) => one === text)

/** Reads what is expected: a verdict, the code of a refusal, or an object that says more. */
export function readExpectation(telling: Telling, json: unknown, path: Path): Expectation {
  if (typeof json === 'string') return isVerdict(json) ? { verdict: json } : { code: json }
  const record = telling.reader.record(json, path, KEYS) ?? {}
  const part = <K extends Key>(key: K): Partial<Expectation> => {
    const value: unknown = record[key]
    return value === undefined ? {} : readPart[key](telling, value, [...path, key])
  }
  return Object.assign({}, ...KEYS.map(part))
}

type ReadPart = (telling: Telling, json: unknown, path: Path) => Partial<Expectation>

const readPart: { readonly [key in Key]: ReadPart } = {
  verdict: ({ reader }, json, path) => {
    const verdict = reader.known(json, path, 'verdict', VERDICTS)
    return isVerdict(verdict) ? { verdict } : {}
  },
  code: ({ reader }, json, path) => ({ code: reader.text(json, path) ?? '' }),
  rule: ({ reader }, json, path) => ({ rule: reader.text(json, path) ?? '' }),
  winner: ({ reader, definition: { steps, deadlines } }, json, path) => {
    if (typeof json === 'number') return { winner: reader.count(json, path) ?? 0 }
    const names = [...steps.keys(), ...deadlines.keys()]
    return { winner: reader.known(json, path, 'step or deadline', names) ?? '' }
  },
  output: ({ reader }, json, path) => ({ output: readJson(reader, json, path) }),
  effects: ({ reader }, json, path) => ({ effects: reader.texts(json, path) ?? [] }),
  fired: ({ reader, definition: { deadlines } }, json, path) => {
    const list = reader.texts(json, path) ?? []
    for (const [i, name] of list.entries()) {
      reader.known(name, [...path, i], 'deadline', deadlines.keys())
    }
    return { fired: list }
  },
  stages: ({ reader, definition: { tracks } }, json, path) => {
    const stages: Record<string, string> = {}
    for (const [track, stage] of Object.entries(reader.table(json, path) ?? {})) {
      const at = [...path, track]
      const { values = [] } =
        tracks.get(reader.known(track, at, 'track', tracks.keys()) ?? '') ?? {}
      if (values.length > 0) stages[track] = reader.known(stage, at, 'stage', values) ?? ''
    }
    return { stages }
  },
  state: ({ reader, definition: { fields } }, json, path) => {
    const state = readJson(reader, json, path)
    for (const name of Object.keys(state)) {
      reader.known(name, [...path, name], 'field', fields.keys())
    }
    return { state }
  },
  turn: (telling, json, path) => {
    const { reader, definition } = telling
    const turn: Record<string, readonly string[]> = {}
    for (const [name, steps] of Object.entries(reader.table(json, path) ?? {})) {
      const at = [...path, name]
      const did = readParty(telling, name, at)
      const list = reader.texts(steps, at) ?? []
      for (const [i, step] of list.entries()) {
        reader.known(step, [...at, i], 'step', ['$join', ...definition.steps.keys()])
      }
      if (did !== undefined) turn[did] = list
    }
    return { turn }
  },
  closed: ({ reader }, json, path) => ({ closed: reader.flag(json, path) ?? false }),
}
