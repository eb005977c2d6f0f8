import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { readCelTests, runCelTest } from './cel-suite.testing.ts'

/** By reason: names of tests; `section/*` and `section/suite/*` stand for all in it. */
const excluded: Readonly<Record<string, readonly string[]>> = JSON.parse(
  readFileSync(new URL('./cel-suite.exclusions.json', import.meta.url), 'utf8'),
)
const exclusions = Object.values(excluded).flat()
const tests = readCelTests()

/** The exclusions that name this test. */
function exclusionsOf(name: string): string[] {
  const [section, suite] = name.split('/')
  const names = [name, `${section}/*`, `${section}/${suite}/*`]
  return exclusions.filter((exclusion) => names.includes(exclusion))
}

test('H2 the official CEL suite: every test within flow/1 passes', () => {
  const failures = tests
    .filter(({ name }) => exclusionsOf(name).length === 0)
    .filter((each) => runCelTest(each) !== 'passed')
  assert.deepEqual(
    failures.map(({ name, text }) => ({ name, text })),
    [],
  )
})

test('H2 the official CEL suite: no excluded test passes', () => {
  const passing = tests
    .filter(({ name }) => exclusionsOf(name).length > 0)
    .filter((each) => runCelTest(each) === 'passed')
  assert.deepEqual(
    passing.map(({ name, text }) => ({ name, text })),
    [],
  )
})

test('H2 the official CEL suite: each exclusion names tests that exist, none is named twice, and the counts stand', () => {
  const used = tests.flatMap(({ name }) => exclusionsOf(name))
  assert.deepEqual(
    exclusions.filter((exclusion) => !used.includes(exclusion)),
    [],
  )
  const out = tests.filter(({ name }) => exclusionsOf(name).length > 0)
  assert.equal(used.length, out.length)
  assert.deepEqual(
    { all: tests.length, within: tests.length - out.length },
    { all: 2344, within: 665 },
  )
})
