import {
  canonicalJson,
  type DecisionRecord,
  describeInstance,
  type InstanceState,
  type Json,
  type JsonMap,
  lift,
  RuleFault,
  type StepRecord,
  valueToJson,
} from '@concordat/protocol/process'
import { placeOf } from './place.ts'
import { type Scene, turnOf } from './play.ts'
import type { Expectation } from './scenario.ts'
import type { Remark, Source } from './source.ts'
import { nameOf } from './telling.ts'

/** How many expectations were held, and which were disappointed. */
export interface Judgement {
  readonly expectations: number
  readonly failures: readonly Remark[]
}

/** Holds what came of a story against what was expected. */
export function judgePlay(source: Source, scenes: readonly Scene[]): Judgement {
  const failures: Remark[] = []
  let expectations = 0
  for (const scene of scenes) {
    const { path, expect } = scene.happening
    if (expect === undefined) continue
    expectations++
    const missed = misses(scene, expect)
    if (missed.length === 0) continue
    failures.push({
      ...placeOf(source, [...path, 'expect']),
      severity: 'error',
      code: 'EXPECTED',
      message: missed.map(([wanted, got]) => `${wanted} was expected, not ${got}`).join('; '),
      mend: `What happened: ${story(scene)}`,
    })
  }
  return { expectations, failures }
}

/** What was wanted, and what was there instead. */
type Miss = readonly [wanted: string, got: string]

function misses(scene: Scene, expect: Expectation): readonly Miss[] {
  const record = ownRecord(scene)
  return [
    ...missesOfRecord(record, expect),
    ...missesOfWinner(record, expect),
    ...missesOfFired(scene, expect),
    ...missesOfState(scene.state, expect),
  ]
}

/** The decision on the step itself; those before it are deadlines. */
function ownRecord({ moments, happening }: Scene): StepRecord | undefined {
  const record = happening.kind === 'step' ? moments.at(-1)?.decision.record : undefined
  return record?.verdict === 'timeout' ? undefined : record
}

function missesOfRecord(record: StepRecord | undefined, expect: Expectation): readonly Miss[] {
  const { verdict, code, rule, output, effects } = expect
  const missed: Miss[] = []
  const compare = (what: string, wanted: string | undefined, got: string | undefined): void => {
    if (wanted !== undefined && wanted !== got) missed.push([`${what}${wanted}`, got ?? 'nothing'])
  }
  compare('', verdict, record?.verdict)
  compare('', code, record?.code ?? record?.verdict)
  compare('rule ', rule, record?.rule)
  const asked = record?.effects?.map(({ id }) => id).join(', ')
  compare('effects ', effects?.join(', '), asked ?? '')
  compare('output ', output && canonicalJson(output), canonicalJson(record?.output ?? {}))
  return missed
}

function missesOfWinner(record: StepRecord | undefined, { winner }: Expectation): readonly Miss[] {
  if (winner === undefined) return []
  const found = record?.winner
  const names = found === undefined ? [] : ['deadline' in found ? found.deadline : found.step]
  if (found?.n === winner || names.some((name) => name === winner)) return []
  return [[`winner ${winner}`, found === undefined ? 'none' : `${found.n}, ${names.join()}`]]
}

function missesOfFired({ moments }: Scene, { fired }: Expectation): readonly Miss[] {
  if (fired === undefined) return []
  const got = moments.flatMap(({ decision: { record } }) =>
    record.verdict === 'timeout' ? [record.deadline] : [],
  )
  if (got.join() === fired.join()) return []
  return [[`fired ${fired.join(', ') || 'none'}`, got.join(', ') || 'none']]
}

function missesOfState(state: InstanceState, expect: Expectation): readonly Miss[] {
  const { stages = {}, turn = {}, closed } = expect
  const { entries, closed: hasEnded } = state.situation
  return [
    ...Object.entries(stages).flatMap(([track, wanted]) =>
      differing(`${track} `, wanted, entries[track]?.stage ?? ''),
    ),
    ...missesOfFields(state, expect.state ?? {}),
    ...Object.entries(turn).flatMap(([did, steps]) =>
      differing(`turn of ${nameOf(did)}: `, listed(steps), listed(turnOf(state, did))),
    ),
    ...(closed === undefined ? [] : differing('', endToText(closed), endToText(hasEnded))),
  ]
}

const differing = (what: string, wanted: string, got: string): readonly Miss[] =>
  wanted === got ? [] : [[`${what}${wanted}`, got]]

const listed = (names: readonly string[]): string => names.toSorted().join(', ') || 'nothing'

const endToText = (closed: boolean): string => (closed ? 'an end' : 'no end')

function missesOfFields(state: InstanceState, fields: JsonMap): readonly Miss[] {
  const view = describeInstance(state).state
  return Object.entries(fields).flatMap(([field, json]) =>
    differing(
      `${field} `,
      canonicalJson(inSpelling(state, field, json)),
      canonicalJson(view[field] ?? null),
    ),
  )
}

/** A value as the process spells it: decimals without trailing zeros. */
function inSpelling({ frame }: InstanceState, field: string, json: Json): Json {
  const schema = frame.definition.fields.get(field)?.schema
  try {
    return valueToJson(lift(json, schema), schema)
  } catch (error) {
    if (error instanceof RuleFault) return json
    throw error
  }
}

const story = ({ moments, state }: Scene): string => {
  const told = moments.map(({ decision }) => recordToText(decision.record)).join('; ')
  return `${told || 'nothing was decided'}. Stages: ${stagesToText(state)}.`
}

/** `main offered, goods ready` */
export const stagesToText = ({ situation }: InstanceState): string =>
  Object.entries(situation.entries)
    .map(([track, { stage }]) => `${track} ${stage}`)
    .join(', ')

function recordToText(record: DecisionRecord): string {
  if (record.verdict === 'timeout') return `${record.n} ${record.deadline} fired`
  const { n, step = 'message', author } = record
  return `${n} ${step} by ${nameOf(author)} was ${verdictToText(record)}`
}

/** `rejected CONFLICT (WRONG_STAGE), lost to 3: accept by alice` */
export function verdictToText(record: DecisionRecord): string {
  if (record.verdict === 'timeout') return ['timeout', record.code].filter(Boolean).join(' ')
  const { verdict, code, rule, winner, of } = record
  const words = [verdict, code, rule && `(${rule})`].filter(Boolean).join(' ')
  if (of !== undefined) return `${words} of ${of}`
  if (winner === undefined) return words
  const who = 'deadline' in winner ? winner.deadline : `${winner.step} by ${nameOf(winner.author)}`
  return `${words}, lost to ${winner.n}: ${who}`
}
