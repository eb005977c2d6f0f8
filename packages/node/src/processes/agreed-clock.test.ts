import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createAgreedClock } from './agreed-clock.ts'

test('it is as late as here or on the chain, whichever is later', async () => {
  let local = 1_000_000
  let chain = 900
  const clock = createAgreedClock({ now: () => local }, async () => ({ timestamp: chain }))
  assert.equal(await clock.now(), 1000)
  chain = 5000
  local += 1000
  assert.equal(await clock.now(), 1001, 'the chain is not asked at every look')
  local += 1000
  assert.equal(await clock.now(), 5000)
  local += 1500
  assert.equal(await clock.now(), 5001, 'its lead goes on')
})

test('while the chain is silent, time here counts', async () => {
  const clock = createAgreedClock({ now: () => 7_000_500 }, () => Promise.reject(new Error('down')))
  assert.equal(await clock.now(), 7000)
})
