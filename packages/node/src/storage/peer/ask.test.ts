import assert from 'node:assert/strict'
import { test } from 'node:test'
import { silentLogger } from '../../lib/logger.ts'
import { createAsker } from './ask.ts'

interface Sleep {
  readonly ms: number
  readonly end: () => void
}

/** Asks peers `a`, `b` and `c`, three at a time at most, with a clock that goes on when told. */
function askThree(attempt: (from: string, signal: AbortSignal) => Promise<object | undefined>) {
  const asked: string[] = []
  const sleeps: Sleep[] = []
  const ask = createAsker({
    exchange: Object.assign(Object.create(null), { peers: () => ['a', 'b', 'c'] }),
    seeds: [],
    log: silentLogger,
    world: Object.assign(Object.create(null), {
      sleep: (ms: number, signal: AbortSignal) =>
        new Promise<void>((resolve, reject) => {
          sleeps.push({ ms, end: resolve })
          signal.addEventListener('abort', () => reject(signal.reason))
        }),
    }),
  })
  const answer = ask(
    async (from, signal) => {
      asked.push(String(from))
      return await attempt(String(from), signal)
    },
    3,
    new AbortController().signal,
  )
  return { asked, sleeps, answer }
}

const never = (signal: AbortSignal): Promise<undefined> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))

test('who has it is the last to be asked', async () => {
  const { asked, answer } = askThree(async (from) => (from === 'b' ? { from } : undefined))
  assert.deepEqual(await answer, { state: 'found', content: { from: 'b' } })
  assert.deepEqual(asked, ['a', 'b'])
})

test('when nobody has it, nobody is waited for', async () => {
  const { asked, answer } = askThree(async () => undefined)
  assert.deepEqual(await answer, { state: 'absent' })
  assert.deepEqual(asked, ['a', 'b', 'c'])
})

test('beside one that is silent for a second the next is asked, and then the silent one is called off', async () => {
  const { asked, sleeps, answer } = askThree((from, signal) =>
    from === 'a' ? never(signal) : Promise.resolve({ from }),
  )
  assert.deepEqual(asked, ['a'])
  assert.deepEqual(
    sleeps.map(({ ms }) => ms),
    [1_000, 2_000],
  )
  sleeps[0]?.end()
  assert.deepEqual(await answer, { state: 'found', content: { from: 'b' } })
  assert.deepEqual(asked, ['a', 'b'])
})
