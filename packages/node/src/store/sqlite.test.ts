import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { sql } from 'kysely'
import { openSqlite } from './sqlite.ts'

async function newFile(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'concordat-sqlite-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return join(folder, 'deeper', 'node.sqlite')
}

const counting = (limit: number) => sql<{ total: number }>`
  with recursive n (i) as (select 1 union all select i + 1 from n limit ${limit})
  select count(*) as total from n`

test('a query that takes too long fails alone, and so does one that waits too long', async (t) => {
  const limits: (() => void)[] = []
  const sleep = (_ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      limits.push(resolve)
      signal?.addEventListener('abort', () => reject(signal.reason))
    })
  await using database = await openSqlite({ file: await newFile(t), readers: 1, world: { sleep } })
  const running = counting(5_000_000).execute(database.read)
  const waiting = counting(5_000_000).execute(database.read)
  const failed = Promise.all([
    assert.rejects(running, { code: 'CC20304', retryable: true }),
    assert.rejects(waiting, { code: 'CC20304', retryable: true }),
  ])
  while (limits.length < 2) await new Promise(setImmediate)
  for (const pass of limits.toReversed()) pass()
  await failed
  const { rows } = await counting(10).execute(database.read)
  assert.deepEqual(rows, [{ total: 10 }])
})

test('many reads at once are all answered, while the writer writes', async (t) => {
  await using database = await openSqlite({ file: await newFile(t) })
  await database.transaction(({ db }) => sql`create table numbers (n integer)`.execute(db))
  const reads = Array.from({ length: 200 }, async (_, i) => {
    if (i % 10 === 0) {
      await database.transaction(({ db }) => sql`insert into numbers values (${i})`.execute(db))
    }
    return (await sql<{ n: number }>`select ${i} as n`.execute(database.read)).rows[0]?.n
  })
  assert.deepEqual(
    await Promise.all(reads),
    Array.from({ length: 200 }, (_, i) => i),
  )
})

test('a query that fails tells why, and the next one works', async (t) => {
  await using database = await openSqlite({ file: await newFile(t) })
  await assert.rejects(sql`select x from nowhere`.execute(database.read), /no such table/)
  const { rows } = await counting(1).execute(database.read)
  assert.deepEqual(rows, [{ total: 1 }])
})

test('what a killed process committed is there, what it did not is not, and its lock is gone', async (t) => {
  const file = await newFile(t)
  const program = `
    import { sql } from 'kysely'
    import { openSqlite } from ${JSON.stringify(new URL('./sqlite.ts', import.meta.url).href)}
    const database = await openSqlite({ file: ${JSON.stringify(file)} })
    await database.transaction(async ({ db }) => {
      await sql\`create table numbers (n integer)\`.execute(db)
      await sql\`insert into numbers values (1)\`.execute(db)
    })
    await database.transaction(async ({ db }) => {
      await sql\`insert into numbers values (2)\`.execute(db)
      console.log('ready')
      await new Promise(() => setInterval(() => {}, 1000))
    })`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  await assert.rejects(openSqlite({ file }), { code: 'CC20303' })
  child.kill('SIGKILL')
  await once(child, 'exit')
  await using database = await openSqlite({ file })
  const { rows } = await sql<{ n: number }>`select n from numbers`.execute(database.read)
  assert.deepEqual(rows, [{ n: 1 }])
})
