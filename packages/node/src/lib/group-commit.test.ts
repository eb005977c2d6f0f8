import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createGroupCommit } from './group-commit.ts'

const world = { yield: (): Promise<void> => new Promise((resolve) => setImmediate(resolve)) }

test('what arrives together is written together, and each hears its own result', async () => {
  const groups: (readonly number[])[] = []
  const commit = createGroupCommit<number, number>({
    maxGroup: 10,
    world,
    write: async (items) => {
      groups.push(items)
      return items.map((item) => item * 2)
    },
  })
  const results = await Promise.all([1, 2, 3].map((item) => commit.add(item)))
  assert.deepEqual(results, [2, 4, 6])
  assert.deepEqual(groups, [[1, 2, 3]])
})

test('what arrives while a group is written makes up the next ones, in order and no larger than allowed', async () => {
  const groups: (readonly number[])[] = []
  const first = Promise.withResolvers<void>()
  const commit = createGroupCommit<number, number>({
    maxGroup: 2,
    world,
    write: async (items) => {
      groups.push(items)
      await first.promise
      return items
    },
  })
  const adding = [commit.add(0)]
  await world.yield()
  await world.yield()
  adding.push(...[1, 2, 3].map((item) => commit.add(item)))
  assert.equal(commit.waiting, 3)
  first.resolve()
  assert.deepEqual(await Promise.all(adding), [0, 1, 2, 3])
  assert.deepEqual(groups, [[0], [1, 2], [3]])
  assert.equal(commit.waiting, 0)
})

test('an error among the results is that item’s own', async () => {
  const commit = createGroupCommit<string, string>({
    maxGroup: 10,
    world,
    write: async (items) => items.map((item) => (item === 'bad' ? new Error('bad item') : item)),
  })
  const [good, bad, also] = await Promise.allSettled(
    ['good', 'bad', 'also'].map((item) => commit.add(item)),
  )
  assert.deepEqual(good, { status: 'fulfilled', value: 'good' })
  assert.equal(bad?.status, 'rejected')
  assert.deepEqual(also, { status: 'fulfilled', value: 'also' })
})

test('a throw fails its whole group, and the next group is written all the same', async () => {
  let groups = 0
  const commit = createGroupCommit<number, number>({
    maxGroup: 2,
    world,
    write: async (items) => {
      groups += 1
      if (groups === 1) throw new Error('disk is full')
      return items
    },
  })
  const results = await Promise.allSettled([1, 2, 3].map((item) => commit.add(item)))
  assert.deepEqual(
    results.map(({ status }) => status),
    ['rejected', 'rejected', 'fulfilled'],
  )
  assert.equal(await commit.add(4), 4)
})
