import { readFileSync } from 'node:fs'
import { RuleFault } from '../values/fault.ts'
import { decodeValue, encodeValue } from '../values/snapshot.ts'
import { isMap, type Json } from '../values/value.ts'
import { createMeter } from './meter.ts'
import { compileRule } from './rule.ts'

/** What a rule of flow/1 gives, for ever: a value or a fault, and the work that takes. Values as `encodeValue` writes them. */
export interface Vector {
  readonly rule: string
  readonly env: Json
  readonly value?: Json
  readonly fault?: string
  readonly work: number
}

export const vectorsText = (): string =>
  readFileSync(new URL('./flow-1.vectors.jsonl', import.meta.url), 'utf8')

export const readVectors = (): readonly Vector[] =>
  vectorsText()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

/** What the vectors' definition would hold. */
const calendars = {
  target: { weekend: [6, 7], holidays: ['2026-12-25', '2027-01-01'], utcOffset: 0 },
  gulf: { weekend: [5, 6], holidays: [], utcOffset: 240 },
}

/** The vector that this engine makes of a rule and an environment. */
export function makeVector(rule: string, env: Json): Vector {
  const meter = createMeter()
  const variables = decodeValue(env)
  if (!isMap(variables)) throw new TypeError('an environment is a map')
  try {
    const value = compileRule(rule, { calendars }).evaluate(variables, meter)
    return { rule, env, value: encodeValue(value), work: meter.spent }
  } catch (error) {
    if (!(error instanceof RuleFault)) throw error
    return { rule, env, fault: error.code, work: meter.spent }
  }
}

/** All vectors made again, as text. */
export const remakeVectors = (): string =>
  JSON.stringify(readVectors().map(({ rule, env }) => makeVector(rule, env)))
