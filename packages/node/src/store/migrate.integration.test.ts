import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { type MigrateOptions, type Migration, migrate } from './migrate.ts'
import { migrations } from './migrations/index.ts'
import { forEachDialect } from './testing.ts'

const options: MigrateOptions = { auto: true, now: '2024-01-01T00:00:00.000000000Z' }
const next: Migration = {
  name: '9999-next',
  async up(db) {
    await sql`create table later (n integer)`.execute(db)
  },
}
const broken: Migration = {
  name: '9999-next',
  async up(db, dialect) {
    await next.up(db, dialect)
    throw new Error('half way')
  },
}

forEachDialect((_dialect, create) => {
  test('steps run once, in order', async () => {
    await using database = await (await create()).open()
    await migrate(database, options)
    await migrate(database, { ...options, steps: [...migrations, next] })
    const { rows } = await sql<{
      name: string
    }>`select name from migrations order by name`.execute(database.read)
    assert.deepEqual(
      rows.map(({ name }) => name),
      [...migrations, next].map(({ name }) => name),
    )
    await sql`select n from later`.execute(database.read)
  })

  test('a newer database is refused, an older one when steps are not to run', async () => {
    await using database = await (await create()).open()
    const steps = [...migrations, next]
    await assert.rejects(migrate(database, { ...options, auto: false, steps }), { code: 'CC20302' })
    await migrate(database, { ...options, steps })
    await migrate(database, { ...options, auto: false, steps })
    await assert.rejects(migrate(database, options), { code: 'CC20301' })
  })

  test('a step that fails leaves nothing behind', async () => {
    await using database = await (await create()).open()
    await assert.rejects(
      migrate(database, { ...options, steps: [...migrations, broken] }),
      /half way/,
    )
    await migrate(database, { ...options, steps: [...migrations, next] })
    await sql`select n from later`.execute(database.read)
  })
})
