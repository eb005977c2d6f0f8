import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTimer } from './timer.ts'

/** Sleepers, each with how long it sleeps, until it is woken or called off. */
function createClock() {
  const sleepers: { ms: number; wake: () => void; signal: AbortSignal | undefined }[] = []
  return {
    sleepers,
    world: {
      now: () => 1_000,
      sleep: (ms: number, signal?: AbortSignal) =>
        new Promise<void>((resolve, reject) => {
          sleepers.push({ ms, wake: resolve, signal })
          signal?.addEventListener('abort', () => reject(new Error('called off')), { once: true })
        }),
    },
  }
}

test('a timer rings once, at the time that was set last', async () => {
  const { sleepers, world } = createClock()
  let rung = 0
  const timer = createTimer(world, () => {
    rung += 1
  })
  for (const time of [1_500, 2_000, 900, Number.POSITIVE_INFINITY, 3_000]) timer.at(time)
  assert.deepEqual(
    sleepers.map(({ ms, signal }) => [ms, signal?.aborted]),
    [
      [500, true],
      [1_000, true],
      [2_000, false],
    ],
  )
  for (const { wake } of sleepers) wake()
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(rung, 1)
})

test('a timer that was stopped does not ring', async () => {
  const { sleepers, world } = createClock()
  const timer = createTimer(world, () => assert.fail('it rang'))
  timer.at(1_500)
  timer.stop()
  for (const { wake } of sleepers) wake()
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(sleepers[0]?.signal?.aborted, true)
})
