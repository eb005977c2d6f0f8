import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { RuleFault } from '../values/fault.ts'
import { encodeValue } from '../values/snapshot.ts'
import { builtIns } from './functions/table.ts'
import { createMeter } from './meter.ts'
import { compileRule } from './rule.ts'

const page = readFileSync(
  new URL('../../../../../docs/reference/rules.md', import.meta.url),
  'utf8',
)

const calendars = { target: { weekend: [6, 7], holidays: ['2026-12-25'], utcOffset: 0 } }

/** The value as text, or the code of the fault. */
function outcome(rule: string): string {
  try {
    const value = compileRule(rule, { calendars }).evaluate({}, createMeter())
    return JSON.stringify(encodeValue(value))
  } catch (error) {
    if (error instanceof RuleFault) return error.code
    throw error
  }
}

test('every example of the reference is true', () => {
  const examples = [...page.matchAll(/^\| `([^`]+)` +\| `([^`]+)` +\|$/gm)]
  assert.ok(examples.length > 60)
  for (const [, rule = '', result = ''] of examples) {
    const expected = /^[A-Z_]+$/.test(result) ? result : outcome(result)
    assert.equal(outcome(rule.replaceAll('\\|', '|')), expected, rule)
  }
})

test('the reference names every function and every fault', () => {
  for (const name of Object.keys(builtIns))
    assert.match(page, new RegExp(`[\`.+ ]${name}\\(`), name)
  const source = readFileSync(new URL('../values/fault.ts', import.meta.url), 'utf8')
  const codes = [...source.matchAll(/'([A-Z_]{4,})'/g)].map(([, code = '']) => code)
  assert.ok(codes.length > 20)
  for (const code of codes) assert.ok(page.includes(`\`${code}\``), code)
})
