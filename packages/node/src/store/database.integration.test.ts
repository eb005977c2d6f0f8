import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import type { Dialect } from './database.ts'
import type { NonceRow } from './schema.ts'
import { openSqlite } from './sqlite.ts'
import { forEachDialect, type TestDatabase } from './testing.ts'

const nonce = (hash: string, value: number): NonceRow => ({
  namespace: 'default',
  hash,
  nonce: value,
})

type Create = () => Promise<TestDatabase>

function transactions(create: Create): void {
  test('a transaction is whole or nothing, and its hooks run after it is durable', async () => {
    await using database = await (await create()).open()
    const heard: string[] = []
    const stored = await database.transaction(async (tx) => {
      tx.onCommit(() => heard.push('first'))
      tx.onCommit(() => heard.push('second'))
      assert.deepEqual(heard, [])
      return tx.insertMany('nonces', [nonce('a', 1), nonce('b', 2)])
    })
    assert.equal(stored, 2)
    assert.deepEqual(heard, ['first', 'second'])
    const failing = database.transaction(async (tx) => {
      tx.onCommit(() => heard.push('never'))
      await tx.insertMany('nonces', [nonce('c', 3)])
      throw new Error('no')
    })
    await assert.rejects(failing, /no/)
    assert.deepEqual(heard, ['first', 'second'])
    const rows = await database.read.selectFrom('nonces').selectAll().orderBy('hash').execute()
    assert.deepEqual(rows, [nonce('a', 1), nonce('b', 2)])
  })

  test('transactions run one at a time, in the order they were asked for', async () => {
    await using database = await (await create()).open()
    const order: string[] = []
    await Promise.all(
      ['a', 'b', 'c'].map((name) =>
        database.transaction(async ({ db }) => {
          order.push(`${name} begins`)
          await db.selectFrom('nonces').selectAll().execute()
          order.push(`${name} ends`)
        }),
      ),
    )
    assert.deepEqual(
      order,
      ['a', 'b', 'c'].flatMap((name) => [`${name} begins`, `${name} ends`]),
    )
  })

  test('a transaction inside a transaction throws, one after it does not', async () => {
    await using database = await (await create()).open()
    let later: Promise<number> | undefined
    await database.transaction(async (tx) => {
      await assert.rejects(
        database.transaction(async () => 1),
        /inside a transaction/,
      )
      tx.onCommit(() => {
        later = database.transaction(async () => 2)
      })
    })
    assert.equal(await later, 2)
  })
}

function visibility(create: Create): void {
  test('reads see committed rows only', async () => {
    await using database = await (await create()).open()
    const count = async () =>
      (await database.read.selectFrom('nonces').selectAll().execute()).length
    const { promise: inserted, resolve: tell } = Promise.withResolvers<void>()
    const { promise: looked, resolve: go } = Promise.withResolvers<void>()
    const writing = database.transaction(async (tx) => {
      await tx.insertMany('nonces', [nonce('a', 1)])
      tell()
      await looked
    })
    await inserted
    assert.equal(await count(), 0)
    go()
    await writing
    assert.equal(await count(), 1)
    await assert.rejects(database.read.deleteFrom('nonces').execute())
    assert.equal(await count(), 1)
  })
}

function inserts(create: Create): void {
  test('conflicts are skipped when asked, and undo everything when not', async () => {
    await using database = await (await create()).open()
    const insert = (skipConflicts: boolean) =>
      database.transaction((tx) =>
        tx.insertMany('nonces', [nonce('a', 1), nonce('b', 1)], { skipConflicts }),
      )
    await database.transaction((tx) => tx.insertMany('nonces', [nonce('a', 7)]))
    await assert.rejects(insert(false))
    assert.equal(await insert(true), 1)
    const rows = await database.read.selectFrom('nonces').selectAll().orderBy('hash').execute()
    assert.deepEqual(rows, [nonce('a', 7), nonce('b', 1)])
    assert.equal(await database.transaction((tx) => tx.insertMany('nonces', [])), 0)
  })
}

function sequences(create: Create): void {
  test('sequence numbers go on after a restart and after a rollback', async () => {
    const place = await create()
    const row = (seq: number) => ({
      seq,
      namespace: 'default',
      id: `event ${seq}`,
      type: 'x',
      reference: 'r',
      correlator: null,
      tx: null,
      topic: null,
      created: 'now',
    })
    {
      await using database = await place.open()
      await database.transaction(async (tx) => {
        assert.equal(tx.sequence('events', 2), 1)
        assert.equal(tx.sequence('events', 1), 3)
        assert.equal(tx.sequence('messages', 1), 1)
        await tx.insertMany('events', [row(1), row(2), row(3)])
      })
      await assert.rejects(
        database.transaction(async (tx) => {
          assert.equal(tx.sequence('events', 5), 4)
          throw new Error('undone')
        }),
      )
      assert.equal(await database.transaction(async (tx) => tx.sequence('events', 1)), 9)
    }
    await using again = await place.open()
    assert.equal(await again.transaction(async (tx) => tx.sequence('events', 1)), 4)
  })
}

function values(create: Create): void {
  test('bytes, text of every kind and numbers up to 2^53 come back as they went in', async () => {
    await using database = await (await create()).open()
    const content = Uint8Array.from({ length: 256 }, (_, i) => i)
    const encoding = '\\ " \' {,} \\x00 \n\t é 漢 😀 \\ud83d'
    await database.transaction(async (tx) => {
      await tx.insertMany('payloads', [
        { hash: 'a', content, size: Number.MAX_SAFE_INTEGER, created: '', encoding },
        { hash: 'b', content: new Uint8Array(), size: 0, created: '', encoding: 'half \ud83d' },
      ])
    })
    const [a, b] = await database.read.selectFrom('payloads').selectAll().orderBy('hash').execute()
    assert.deepEqual(Uint8Array.from(a?.content ?? []), content)
    assert.equal(a?.size, Number.MAX_SAFE_INTEGER)
    assert.equal(a?.encoding, encoding)
    assert.equal(b?.encoding, 'half \ufffd')
    assert.equal(b?.content.length, 0)
    const { numUpdatedRows } = await database.transaction(({ db }) =>
      db.updateTable('payloads').set({ size: 1 }).executeTakeFirst(),
    )
    assert.equal(numUpdatedRows, 2n)
  })
}

function openings(dialect: Dialect, create: Create): void {
  test('a second opening of the same database is refused until the first is closed', async () => {
    const place = await create()
    const first = await place.open()
    await assert.rejects(place.openBare(), { code: 'CC20303' })
    await first[Symbol.asyncDispose]()
    await using again = await place.openBare()
    assert.equal(again.dialect, dialect)
  })

  test('a closed database finishes what was asked and refuses the rest', async () => {
    const place = await create()
    const database = await place.open()
    const last = database.transaction((tx) => tx.insertMany('nonces', [nonce('a', 1)]))
    await database[Symbol.asyncDispose]()
    assert.equal(await last, 1)
    const refused = { code: 'CC20304', retryable: true }
    await assert.rejects(
      database.transaction(async () => 1),
      refused,
    )
    await assert.rejects(database.read.selectFrom('nonces').selectAll().execute(), refused)
  })

  test('a swallowed failure does not commit half a transaction silently', async () => {
    await using database = await (await create()).open()
    const outcome = await database
      .transaction(async ({ db }) => {
        await db.insertInto('nonces').values(nonce('a', 1)).execute()
        await sql`select x from nowhere`.execute(db).catch(() => {})
      })
      .then(
        () => 'committed',
        () => 'rolled back',
      )
    const rows = await database.read.selectFrom('nonces').selectAll().execute()
    assert.equal(rows.length, outcome === 'committed' ? 1 : 0)
    assert.equal(outcome, dialect === 'sqlite' ? 'committed' : 'rolled back')
  })
}

forEachDialect((dialect, create) => {
  transactions(create)
  visibility(create)
  inserts(create)
  sequences(create)
  values(create)
  openings(dialect, create)
})

test('in memory, reads wait for the transaction before them and refuse to wait for their own', async () => {
  await using database = await openSqlite({ file: ':memory:' })
  await database.transaction(({ db }) => sql`create table nonces (hash text)`.execute(db))
  const count = async () => (await database.read.selectFrom('nonces').selectAll().execute()).length
  const writing = database.transaction(async ({ db }) => {
    await assert.rejects(count(), /inside a transaction/)
    await sql`insert into nonces (hash) values ('a')`.execute(db)
  })
  const before = count()
  await writing
  assert.equal(await before, 1)
  await assert.rejects(sql`delete from nonces`.execute(database.read), /in a transaction/)
})
