import assert from 'node:assert/strict'
import { it } from 'node:test'
import { createSystemWorld } from '../lib/world.ts'
import type { Database } from '../store/database.ts'
import { migrate } from '../store/migrate.ts'
import { openSqlite } from '../store/sqlite.ts'
import { createEventLog } from './event-log.ts'
import type { EventLog } from './log.ts'

const world = createSystemWorld()

async function openDatabase(): Promise<Database> {
  const database = await openSqlite({ file: ':memory:' })
  await migrate(database, { auto: true, now: '2024-01-01T00:00:00.000000000Z' })
  return database
}

const append = (database: Database, log: EventLog, count: number) =>
  database.transaction((tx) =>
    log.append(
      tx,
      Array.from({ length: count }, () => ({ type: 'message_confirmed', reference: world.uuid() })),
    ),
  )

it('reads the same from memory and from the database, wherever the seam is', async () => {
  await using database = await openDatabase()
  const log = await createEventLog({ namespace: 'a', database, world, ringSize: 7 })
  const other = await createEventLog({ namespace: 'b', database, world, ringSize: 7 })
  const wanted: number[] = []
  for (let i = 0; i < 12; i++) {
    wanted.push(...(await append(database, log, 1 + (i % 3))).map((row) => row.seq))
    await append(database, other, i % 2)
    for (const limit of [1, 3, 100]) {
      for (let after = 0; after <= log.newest() + 2; after++) {
        const rows = await log.read(after, limit)
        const expected = wanted.filter((seq) => seq > after).slice(0, limit)
        assert.deepEqual(
          rows.map((row) => row.seq),
          expected,
        )
      }
    }
  }
})

it('goes on after a restart with what the database has', async () => {
  await using database = await openDatabase()
  const before = await createEventLog({ namespace: 'a', database, world })
  const old = await append(database, before, 5)
  const after = await createEventLog({ namespace: 'a', database, world })
  assert.equal(after.newest(), old.at(-1)?.seq)
  const added = await append(database, after, 2)
  assert.deepEqual(await after.read(0, 10), [...old, ...added])
})

it('tells listeners after the commit, and nobody after a rollback', async () => {
  await using database = await openDatabase()
  const log = await createEventLog({ namespace: 'a', database, world })
  const heard: number[] = []
  const stop = log.onAppend((rows) => heard.push(...rows.map((row) => row.seq)))
  const failing = database.transaction(async (tx) => {
    await log.append(tx, [{ type: 'message_confirmed', reference: world.uuid() }])
    throw new Error('no')
  })
  await assert.rejects(failing)
  assert.deepEqual([heard, log.newest(), await log.read(0, 10)], [[], 0, []])
  const rows = await append(database, log, 2)
  stop()
  await append(database, log, 1)
  assert.deepEqual(
    heard,
    rows.map((row) => row.seq),
  )
})

it('keeps recent messages within its bounds', async () => {
  await using database = await openDatabase()
  const recentMessages = { count: 2, bytes: 1_000_000 }
  const log = await createEventLog({ namespace: 'a', database, world, recentMessages })
  const { testMessage } = await import('../subscribers/testing.ts')
  const messages = [1, 2, 3].map(() => testMessage(world))
  for (const message of messages) {
    const { id } = message.header
    await database.transaction((tx) =>
      log.append(tx, [{ type: 'message_confirmed', reference: id }], new Map([[id, message]])),
    )
  }
  const [first, second, third] = messages.map((message) => log.recentMessage(message.header.id))
  assert.deepEqual([first, second, third], [undefined, messages[1], messages[2]])
})
