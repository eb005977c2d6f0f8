import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type Compilable, sql } from 'kysely'
import type { Dialect, Transaction } from '../store/database.ts'
import { forEachDialect } from '../store/testing.ts'
import { claimsBy } from './standing.ts'

/** How the database would find the rows. An empty table is quickest read whole: Postgres is asked not to. */
async function planOf({ db }: Transaction, dialect: Dialect, query: Compilable): Promise<string> {
  const { sql: text, parameters } = query.compile()
  if (dialect === 'postgres') await sql`set local enable_seqscan = off`.execute(db)
  const explain = dialect === 'postgres' ? 'explain ' : 'explain query plan '
  const filled = text.replace(/\?|\$\d+/g, () => "'x'")
  assert.ok(parameters.length > 0)
  const { rows } = await sql.raw(explain + filled).execute(db)
  return JSON.stringify(rows)
}

forEachDialect((dialect, create) => {
  it('finds what a key claimed by an index', async () => {
    await using database = await (await create()).open()
    await database.transaction(async (tx) => {
      const plan = await planOf(tx, dialect, claimsBy(tx.db, 'default', '0x01'))
      assert.match(plan, /messages_definitions/)
      const wanted =
        dialect === 'sqlite' ? /namespace=\? AND tag=\? AND key=\?/ : /tag = 'x'.*key = 'x'/
      assert.match(plan, wanted)
    })
  })
})
