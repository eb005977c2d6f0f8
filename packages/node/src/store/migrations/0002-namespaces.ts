import { sql } from 'kysely'
import type { Migration } from '../migrate.ts'

/** What a node keeps of a namespace as such, and which of its contracts a pin was read from. */
export const namespaces: Migration = {
  name: '0002-namespaces',
  async up(db) {
    await sql`create table namespaces (name text primary key, created text not null, terminated text not null)`.execute(
      db,
    )
    await sql`alter table pins add column contract integer not null default 0`.execute(db)
    await sql`alter table subscriptions add column secret text`.execute(db)
    const rows = await db.selectFrom('subscriptions').select(['seq', 'options']).execute()
    for (const { seq, options: text } of rows) {
      const { secret, ...options }: { secret?: string } = JSON.parse(text)
      if (secret === undefined) continue
      await db
        .updateTable('subscriptions')
        .set({ secret, options: JSON.stringify(options) })
        .where('seq', '=', seq)
        .execute()
    }
  },
}
