import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findStale } from './build-contracts.ts'

test('the generated contracts are those of their sources', async () => {
  assert.deepEqual(await findStale(), [])
})
