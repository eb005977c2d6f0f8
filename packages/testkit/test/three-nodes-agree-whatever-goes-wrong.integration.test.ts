import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { runSeed } from '../src/simulation/run-seed.ts'

/** Seeds that once found something. */
const kept: readonly { readonly seed: number; readonly found: string }[] = JSON.parse(
  readFileSync(new URL('../src/simulation/seeds.json', import.meta.url), 'utf8'),
)
const FIRST = 1_000
// A few, so that a test run meets the worst; `npm run simulate` plays as many as one likes, and CI 500.
const COUNT = 10

async function expectNoFaults(seed: number): Promise<void> {
  const { faults, conditions, messages } = await runSeed(seed)
  assert.deepEqual(faults, [], `seed ${seed}: ${JSON.stringify(conditions)}`)
  assert.ok(messages > 0, `seed ${seed} sent nothing`)
}

test('the same seed twice is the same story, to the last row', async () => {
  for (const seed of [1, 2, 3]) {
    const [one, other] = [await runSeed(seed), await runSeed(seed)]
    assert.equal(one.digest, other.digest)
  }
  assert.notEqual((await runSeed(1)).digest, (await runSeed(2)).digest)
})

for (const { seed, found } of kept)
  test(`seed ${seed}: ${found.charAt(0).toLowerCase()}${found.slice(1)}`, () =>
    expectNoFaults(seed))

test(`${COUNT} seeds: what one party decides, all decide, once and in one order`, async () => {
  for (let seed = FIRST; seed < FIRST + COUNT; seed++) await expectNoFaults(seed)
})
