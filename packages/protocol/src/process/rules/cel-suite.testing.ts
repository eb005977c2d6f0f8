import { tests as conformance } from '@bufbuild/cel-spec/testdata/conformance.js'
import { parseDecimal } from '../values/decimal.ts'
import { RuleFault } from '../values/fault.ts'
import { mapOf, type Value } from '../values/value.ts'
import { createMeter } from './meter.ts'
import { isEqual } from './operators.ts'
import { compileRule, type Rule } from './rule.ts'

/** One test of the official suite. */
export interface CelTest {
  /** `section/suite/name`; `#2` and so on where the suite uses a name again. */
  readonly name: string
  readonly text: string
  readonly original: Record<string, unknown>
}

/** What became of a test: passed, or why not. */
export type CelOutcome =
  | 'passed'
  /** It needs types that flow/1 has not. */
  | 'no such type'
  /** The rule is refused when it is read. */
  | 'refused'
  | 'differs'

interface Suite {
  readonly name: string
  readonly suites?: readonly Suite[]
  readonly tests?: readonly { readonly original: Record<string, unknown> }[]
}

export function readCelTests(): CelTest[] {
  const seen = new Map<string, number>()
  return walk(conformance, '').map(({ name, ...test }) => {
    const count = (seen.get(name) ?? 0) + 1
    seen.set(name, count)
    return { ...test, name: count === 1 ? name : `${name}#${count}` }
  })
}

function walk(suite: Suite, path: string): CelTest[] {
  const own = (suite.tests ?? []).map(({ original }) => ({
    name: path + String(original.name),
    text: String(original.expr),
    original,
  }))
  return [...own, ...(suite.suites ?? []).flatMap((inner) => walk(inner, `${path}${inner.name}/`))]
}

/** In flow/1 every type is found out while evaluating, so `dyn(x)` says no more than `(x)`. */
const withoutDyn = (text: string): string => text.replaceAll(/\bdyn\(/g, '(')

/** Runs a test. A double stands for the decimal of the same text; a test that only deduces types can't pass. */
export function runCelTest({ text, original }: CelTest): CelOutcome {
  if (original.checkOnly === true || original.container !== undefined) return 'no such type'
  const bindings = Object.entries(asObject(original.bindings)).map(
    ([name, binding]) => [name, readValue(asObject(binding).value)] as const,
  )
  const env: [string, Value][] = []
  for (const [name, value] of bindings) {
    if (value === undefined) return 'no such type'
    env.push([name, value])
  }
  const fails = original.evalError !== undefined
  const expected = fails ? undefined : expectedOf(original)
  if (!fails && expected === undefined) return 'no such type'
  const rule = compiled(withoutDyn(text))
  if (rule === undefined) return 'refused'
  const found = evaluated(rule, mapOf(env))
  if (found === undefined || expected === undefined) {
    return found === expected ? 'passed' : 'differs'
  }
  return isSame(found, expected) ? 'passed' : 'differs'
}

/** Without an expectation, a test expects `true`. */
function expectedOf(original: Record<string, unknown>): Value | undefined {
  const typed = asObject(original.typedResult).result
  const value = original.value ?? typed
  return value === undefined ? true : readValue(value)
}

function compiled(text: string): Rule | undefined {
  try {
    return compileRule(text)
  } catch (error) {
    if (error instanceof RuleFault) return undefined
    throw error
  }
}

/** Undefined for a fault. */
function evaluated(rule: Rule, env: { readonly [name: string]: Value }): Value | undefined {
  try {
    return rule.evaluate(env, createMeter())
  } catch (error) {
    if (error instanceof RuleFault && !error.final) return undefined
    throw error
  }
}

/** Equal, and of one type: an int is no decimal. */
function isSame(found: Value, expected: Value): boolean {
  const meter = createMeter()
  meter.begin()
  if (typeof found !== typeof expected) return false
  return isEqual(found, expected, meter)
}

function readValue(given: unknown): Value | undefined {
  const value = asObject(given)
  if (typeof value.boolValue === 'boolean') return value.boolValue
  if (typeof value.stringValue === 'string') return value.stringValue
  if (value.int64Value !== undefined) return BigInt(String(value.int64Value))
  if ('nullValue' in value) return null
  if (value.doubleValue !== undefined) return readDecimal(String(value.doubleValue))
  if (value.listValue !== undefined) return readList(asObject(value.listValue).values)
  return value.mapValue === undefined ? undefined : readMap(asObject(value.mapValue).entries)
}

function readDecimal(text: string): Value | undefined {
  try {
    return parseDecimal(text)
  } catch {
    return undefined
  }
}

function readList(given: unknown): Value | undefined {
  const list: Value[] = []
  for (const element of asArray(given)) {
    const value = readValue(element)
    if (value === undefined) return undefined
    list.push(value)
  }
  return list
}

function readMap(given: unknown): Value | undefined {
  const entries: [string, Value][] = []
  for (const entry of asArray(given)) {
    const [key, value] = [readValue(asObject(entry).key), readValue(asObject(entry).value)]
    if (typeof key !== 'string' || value === undefined) return undefined
    entries.push([key, value])
  }
  return mapOf(entries)
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

const asObject = (value: unknown): Record<string, unknown> => (isObject(value) ? value : {})

const asArray = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
