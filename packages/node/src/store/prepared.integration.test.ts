import assert from 'node:assert/strict'
import { test } from 'node:test'
import { prepared } from './prepared.ts'
import { forEachDialect } from './testing.ts'

const noncesOf = prepared((db, given: { namespace: string; hashes: readonly string[] }) =>
  db
    .selectFrom('nonces')
    .select(['hash', 'nonce'])
    .where('namespace', '=', given.namespace)
    .where('hash', 'in', given.hashes)
    .where('nonce', '>', 0)
    .orderBy('hash'),
)

const setCheckpoint = prepared((db, given: { name: string; checkpoint: string }) =>
  db
    .updateTable('chainCheckpoints')
    .set({ checkpoint: given.checkpoint })
    .where('name', '=', given.name),
)

forEachDialect((_dialect, create) => {
  test('a prepared query is run with what it is given each time, whatever the length of its lists', async () => {
    await using database = await (await create()).open()
    const row = (namespace: string, hash: string, nonce: number) => ({ namespace, hash, nonce })
    await database.transaction(async (tx) => {
      await tx.insertMany('nonces', [row('one', 'a', 1), row('one', 'b', 2), row('two', 'a', 3)])
      await tx.insertMany('nonces', [row('one', 'c', 0)])
    })
    for (const db of [database.read, database.read]) {
      assert.deepEqual(await noncesOf(db, { namespace: 'one', hashes: ['a'] }), [
        { hash: 'a', nonce: 1 },
      ])
      assert.deepEqual(await noncesOf(db, { namespace: 'two', hashes: ['a'] }), [
        { hash: 'a', nonce: 3 },
      ])
      assert.deepEqual(await noncesOf(db, { namespace: 'one', hashes: ['c', 'b', 'a'] }), [
        { hash: 'a', nonce: 1 },
        { hash: 'b', nonce: 2 },
      ])
    }
  })

  test('a prepared change belongs to the transaction that runs it', async () => {
    await using database = await (await create()).open()
    const find = () => database.read.selectFrom('chainCheckpoints').select('checkpoint').execute()
    await database.transaction((tx) =>
      tx.insertMany('chainCheckpoints', [{ name: 'n', checkpoint: 'first' }]),
    )
    const failing = database.transaction(async (tx) => {
      await setCheckpoint(tx.db, { name: 'n', checkpoint: 'lost' })
      throw new Error('on purpose')
    })
    await assert.rejects(failing, /on purpose/)
    assert.deepEqual(await find(), [{ checkpoint: 'first' }])
    await database.transaction(async (tx) => {
      await setCheckpoint(tx.db, { name: 'n', checkpoint: 'second' })
    })
    assert.deepEqual(await find(), [{ checkpoint: 'second' }])
  })
})
