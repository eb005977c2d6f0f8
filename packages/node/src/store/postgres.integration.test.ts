import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import pg from 'pg'
import { migrate } from './migrate.ts'
import { openPostgres } from './postgres.ts'
import { startPostgres } from './testing.ts'

const server = await startPostgres()
after(() => server.stop())
const now = '2024-01-01T00:00:00.000000000Z'

async function newDatabase(name: string): Promise<string> {
  await server.createDatabase(name)
  return server.urlOf(name)
}

/** Ends every connection to the client's database but its own. */
const endOthers = `select pg_terminate_backend(pid) from pg_stat_activity
  where datname = current_database() and pid <> pg_backend_pid()`

async function cutConnections(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(endOthers)
  await client.end()
}

test('connections lost between transactions are made again, lock and numbers included', async () => {
  const url = await newDatabase('between')
  await using database = await openPostgres({ url })
  await migrate(database, { auto: true, now })
  const outbox = {
    namespace: 'n',
    id: 'i',
    recipient: 'r',
    kind: 'k',
    ref: 'f',
    attempts: 0,
    due: 0,
  }
  await database.transaction((tx) =>
    tx.insertMany('outbox', [{ ...outbox, seq: tx.sequence('outbox', 1), created: now }]),
  )
  await sql`select 1`.execute(database.read)
  await cutConnections(url)
  const again = async (): Promise<number> => {
    try {
      return await database.transaction(async (tx) => tx.sequence('outbox', 1))
    } catch (error) {
      // Asked before the loss was heard of.
      assert.equal(error instanceof Error && 'retryable' in error && error.retryable, true)
      return again()
    }
  }
  assert.equal(await again(), 2)
  await assert.rejects(openPostgres({ url }), { code: 'CC20303' })
  const { rows } = await sql<{ n: number }>`select count(*) as n from outbox`.execute(database.read)
  assert.deepEqual(rows, [{ n: 1 }])
})

test('a transaction whose connection is lost fails as retryable, and nothing of it stays', async () => {
  const url = await newDatabase('within')
  await using database = await openPostgres({ url })
  await migrate(database, { auto: true, now })
  const nonce = { namespace: 'default', hash: 'a', nonce: 1 }
  const failing = database.transaction(async (tx) => {
    await tx.insertMany('nonces', [nonce])
    await cutConnections(url)
    await tx.insertMany('nonces', [{ ...nonce, hash: 'b' }])
  })
  await assert.rejects(failing, { code: 'CC20304', retryable: true })
  await database.transaction((tx) => tx.insertMany('nonces', [{ ...nonce, hash: 'c' }]))
  const rows = await database.read.selectFrom('nonces').select('hash').execute()
  assert.deepEqual(rows, [{ hash: 'c' }])
})

test('a read that takes too long fails as retryable', async () => {
  const url = await newDatabase('slow')
  await using database = await openPostgres({ url, readLimitMs: 100 })
  await assert.rejects(sql`select pg_sleep(5)`.execute(database.read), { code: 'CC20304' })
})

test('a server that is not there is a retryable error', async () => {
  const url = 'postgres://postgres:password@127.0.0.1:1/nowhere'
  await assert.rejects(openPostgres({ url }), { code: 'CC20304', retryable: true })
})
