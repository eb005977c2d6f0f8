import fc from 'fast-check'
import { makeDecimal } from '../values/decimal.ts'
import { RuleFault } from '../values/fault.ts'
import { mapOf, type Value } from '../values/value.ts'
import type { Expression, MacroName, Operator } from './ast.ts'
import { builtIns } from './functions/table.ts'
import { createMeter, type Meter } from './meter.ts'
import { compileRule } from './rule.ts'

/** The value, or the code of the fault, and the work done. Other errors pass through. */
export function outcomeOf(
  text: string,
  env: { readonly [root: string]: Value } = {},
  meter: Meter = createMeter(),
): { value?: Value; fault?: string; spent: number } {
  try {
    return { value: compileRule(text).evaluate(env, meter), spent: meter.spent }
  } catch (error) {
    if (!(error instanceof RuleFault)) throw error
    return { fault: error.code, spent: meter.spent }
  }
}

const name = fc.constantFrom('a', 'b', 'c', 'state', 'x1')
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 6 }),
  fc.constantFrom('a', 'b', 'UP'),
)
const size = fc.oneof(fc.bigInt(0n, 10n), fc.bigInt(0n, 2n ** 256n - 1n))
const decimal = fc
  .tuple(fc.bigInt(0n, 10n ** 20n), fc.integer({ min: 1, max: 18 }))
  .map(([units, scale]) => makeDecimal(units, scale))

/** Values of all types, small enough to be looked at. */
export const anyValue: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom<Value>(null, true, false),
    text,
    size.map((int) => int),
    size.map((int) => -int),
    decimal,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(name, tie('value')), { maxLength: 4 }).map(mapOf),
  ),
})).value

/** An environment of maps and scalars under the names that `anyExpression` uses. */
export const anyEnvironment = fc.array(fc.tuple(name, anyValue), { maxLength: 5 }).map(mapOf)

const operators: readonly Operator[] = [
  ...(['||', '&&', '==', '!=', '<', '<=', '>', '>=', 'in', '+', '-', '*', '/', '%'] as const),
]
const macros: readonly MacroName[] = ['all', 'exists', 'exists_one', 'map', 'filter']
const at = fc.constant(0)

/** Trees that a rule may have, well-typed or not. Every place is 0. */
export const anyExpression: fc.Arbitrary<Expression> = fc.letrec<{ node: Expression }>((tie) => {
  const node = tie('node')
  const nodes = fc.array(node, { maxLength: 3 })
  return {
    node: fc.oneof(
      { depthSize: 'medium', withCrossShrink: true, maxDepth: 7 },
      fc.record({
        kind: fc.constant('literal' as const),
        value: fc.oneof(fc.constantFrom(null, true, false), text, size, decimal),
        at,
      }),
      fc.record({ kind: fc.constant('variable' as const), name, at }),
      fc.record({ kind: fc.constantFrom('field' as const, 'has' as const), of: node, name, at }),
      fc.record({ kind: fc.constant('index' as const), of: node, key: node, at }),
      fc.record({ kind: fc.constantFrom('not' as const, 'negate' as const), of: node, at }),
      fc.record({
        kind: fc.constant('binary' as const),
        operator: fc.constantFrom(...operators),
        left: node,
        right: node,
        at,
      }),
      fc.record({
        kind: fc.constant('choice' as const),
        condition: node,
        whenTrue: node,
        whenFalse: node,
        at,
      }),
      fc.record({ kind: fc.constant('list' as const), elements: nodes, at }),
      fc.record({
        kind: fc.constant('map' as const),
        entries: fc.array(fc.tuple(node, node), { maxLength: 3 }),
        at,
      }),
      fc.record({
        kind: fc.constant('call' as const),
        name: fc.constantFrom(...Object.keys(builtIns)),
        receiver: fc.option(node, { nil: undefined }),
        args: nodes,
        at,
      }),
      macroOf(node),
    ),
  }
}).node

function macroOf(node: fc.Arbitrary<Expression>): fc.Arbitrary<Expression> {
  const macro = fc.constantFrom(...macros)
  return fc.tuple(macro, node, name, node, fc.option(node, { nil: undefined })).map(
    ([kind, over, variable, body, condition]): Expression => ({
      ...{ kind: 'macro', macro: kind, over, variable, body, at: 0 },
      condition: kind === 'map' ? condition : undefined,
    }),
  )
}
