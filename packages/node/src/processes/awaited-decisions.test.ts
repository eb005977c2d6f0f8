import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DecisionRow } from '../store/process-schema.ts'
import { AwaitedDecisions } from './awaited-decisions.ts'

const decisionOn = (message: string | null): DecisionRow =>
  Object.assign(Object.create(null), { message })

test('whoever waits for a decision is handed it, and nobody else is', () => {
  const awaited = new AwaitedDecisions()
  using one = awaited.await('a')
  using other = awaited.await('b')
  const rows = [decisionOn(null), decisionOn('a')] as const
  awaited.note(rows)
  assert.equal(one.row, rows[1])
  assert.equal(other.row, undefined)
})

test('one that waits no longer leaves the others waiting', () => {
  const awaited = new AwaitedDecisions()
  const gone = awaited.await('a')
  using still = awaited.await('a')
  gone[Symbol.dispose]()
  const row = decisionOn('a')
  awaited.note([row])
  assert.equal(still.row, row)
  assert.equal(gone.row, undefined)
})
