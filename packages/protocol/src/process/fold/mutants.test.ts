import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { mutants } from './testing/mutants.testing.ts'

test('every mutant still has its place in the fold', () => {
  for (const { file, find, mistake } of mutants) {
    const source = readFileSync(new URL(file, import.meta.url), 'utf8')
    assert.equal(source.split(find).length, 2, mistake)
  }
})
