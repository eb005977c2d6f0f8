import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Stage, type Step, startStage } from './stage.ts'

/** Sleeps that end only when they are told to. */
function createSleeper() {
  const sleeping: { ms: number; wake: () => void }[] = []
  const slept: number[] = []
  return {
    slept,
    sleeping,
    sleep: (ms: number, signal?: AbortSignal): Promise<void> =>
      new Promise((resolve, reject) => {
        slept.push(ms)
        const entry = { ms, wake: resolve }
        sleeping.push(entry)
        const end = (): void => void sleeping.splice(sleeping.indexOf(entry), 1)
        entry.wake = () => {
          end()
          resolve()
        }
        signal?.addEventListener('abort', () => {
          end()
          reject(signal.reason)
        })
      }),
  }
}

/** All promises that can go on have gone on. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

function start(step: Step) {
  const world = createSleeper()
  const errors: unknown[] = []
  const stage: Stage = startStage({
    name: 'test',
    step,
    idleMs: 5000,
    world,
    onError: (error) => errors.push(error),
  })
  return { world, errors, stage }
}

test('steps at once while there is work, then rests until the time is up', async () => {
  const results = [true, true, false, false]
  let steps = 0
  const { world, stage } = start(async () => results[steps++] ?? false)
  await settle()
  assert.equal(steps, 3)
  assert.deepEqual(world.slept, [5000])
  world.sleeping[0]?.wake()
  await settle()
  assert.equal(steps, 4)
  await stage[Symbol.asyncDispose]()
})

test('a nudge ends the rest', async () => {
  let steps = 0
  const { world, stage } = start(async () => {
    steps += 1
    return false
  })
  await settle()
  stage.nudge()
  stage.nudge()
  await settle()
  assert.equal(steps, 2)
  assert.deepEqual(world.slept, [5000, 5000])
  await stage[Symbol.asyncDispose]()
})

test('a nudge while a step runs is not lost: another step follows without rest', async () => {
  let steps = 0
  let finish = Promise.withResolvers<boolean>()
  const { world, stage } = start(() => {
    steps += 1
    return finish.promise
  })
  await settle()
  stage.nudge()
  const first = finish
  finish = Promise.withResolvers<boolean>()
  first.resolve(false)
  await settle()
  assert.equal(steps, 2)
  assert.deepEqual(world.slept, [])
  finish.resolve(false)
  await settle()
  assert.deepEqual(world.slept, [5000])
  await stage[Symbol.asyncDispose]()
})

test('a step that throws is reported, and tried again after pauses that double', async () => {
  let steps = 0
  let broken = true
  const { world, errors, stage } = start(async () => {
    steps += 1
    if (broken) throw new Error(`step ${steps}`)
    return false
  })
  for (let i = 0; i < 11; i++) {
    await settle()
    world.sleeping[0]?.wake()
  }
  await settle()
  assert.deepEqual(
    world.slept,
    [100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000, 30_000],
  )
  assert.equal(errors.length, 12)
  broken = false
  world.sleeping[0]?.wake()
  await settle()
  assert.equal(world.slept.at(-1), 5000)
  broken = true
  stage.nudge()
  await settle()
  assert.equal(world.slept.at(-1), 100, 'the pause starts small again after a step that went well')
  await stage[Symbol.asyncDispose]()
})

test('a nudge does not shorten the pause after a failure', async () => {
  let steps = 0
  const { world, stage } = start(async () => {
    steps += 1
    throw new Error('no')
  })
  await settle()
  stage.nudge()
  await settle()
  assert.equal(steps, 1)
  assert.deepEqual(world.slept, [100])
  await stage[Symbol.asyncDispose]()
})

test('disposing ends a rest and a pause at once', async () => {
  const resting = start(async () => false)
  const pausing = start(async () => {
    throw new Error('no')
  })
  await settle()
  await resting.stage[Symbol.asyncDispose]()
  await pausing.stage[Symbol.asyncDispose]()
  assert.deepEqual([...resting.world.sleeping, ...pausing.world.sleeping], [])
})

test('disposing waits for the step that runs, tells it, and starts no other', async () => {
  let steps = 0
  const finish = Promise.withResolvers<boolean>()
  let stopped: AbortSignal | undefined
  const { stage, errors } = start((signal) => {
    steps += 1
    stopped = signal
    return finish.promise
  })
  let disposed = false
  const disposing = stage[Symbol.asyncDispose]().then(() => {
    disposed = true
  })
  await settle()
  assert.equal(stopped?.aborted, true)
  assert.equal(disposed, false)
  finish.reject(new Error('told to stop'))
  await disposing
  assert.equal(steps, 1)
  assert.deepEqual(errors, [], 'what a step throws because it was told to stop is no failure')
})
