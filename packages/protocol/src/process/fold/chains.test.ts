import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { type Chain, decisionsOf } from './testing/chains.testing.ts'

const chains = readFileSync(new URL('flow-1.chains.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line): Chain => JSON.parse(line))

test('flow/1 decides as it always has', () => {
  assert.ok(chains.length >= 12)
  for (const { decisions, ...chain } of chains) {
    assert.deepEqual(JSON.parse(JSON.stringify(decisionsOf(chain))), decisions)
  }
})
