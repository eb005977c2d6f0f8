import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { createSystemWorld } from '../lib/world.ts'
import { forEachDialect } from '../store/testing.ts'
import { createPayloadStore } from './payloads.ts'

forEachDialect((_dialect, create) => {
  describe('payload store', () => {
    it('keeps payloads as they are, shrunk where that helps', async () => {
      await using database = await (await create()).open()
      const payloads = createPayloadStore(database, createSystemWorld())
      const contents = {
        empty: Buffer.alloc(0),
        noise: randomBytes(5000),
        text: Buffer.from('{"a":1}'.repeat(2000)),
      }
      for (const [hash, content] of Object.entries(contents)) {
        await payloads.put(hash, content)
        await payloads.put(hash, content)
        assert.deepEqual(Buffer.from((await payloads.get(hash)) ?? []), content)
      }
      const rows = await database.read
        .selectFrom('payloads')
        .select(['hash', 'encoding'])
        .orderBy('hash')
        .execute()
      assert.deepEqual(
        rows.map(({ hash, encoding }) => `${hash} ${encoding}`),
        ['empty plain', 'noise plain', 'text deflate'],
      )
      assert.equal(await payloads.get('none'), undefined)
    })

    it('keeps nothing of a transaction that failed', async () => {
      await using database = await (await create()).open()
      const payloads = createPayloadStore(database, createSystemWorld())
      const failing = database.transaction(async (tx) => {
        await payloads.putIn(tx, 'h', Buffer.from('x'))
        throw new Error('no')
      })
      await assert.rejects(failing, /no/)
      assert.equal(await payloads.get('h'), undefined)
    })
  })
})
