import { NodeError } from '@concordat/protocol'
import { type Kysely, sql } from 'kysely'
import type { Database, Dialect, Transaction } from './database.ts'
import { migrations } from './migrations/index.ts'
import type { Tables } from './schema.ts'

/** One forward step of the schema. Never edited once it has landed. */
export interface Migration {
  /** `NNNN-what`; steps run in the order of their names. */
  readonly name: string
  up(db: Kysely<Tables>, dialect: Dialect): Promise<void>
}

export interface MigrateOptions {
  /** False: only check, and throw CC20302 when the database is behind. */
  readonly auto: boolean
  /** Recorded with each step: RFC 3339. */
  readonly now: string
  readonly steps?: readonly Migration[]
}

/** Brings the database to this build's schema, each step in a transaction. Throws CC20301 when it is ahead of us. */
export async function migrate(
  database: Database,
  { auto, now, steps = migrations }: MigrateOptions,
): Promise<void> {
  const applied = await database.transaction(async ({ db }) => {
    await sql`create table if not exists migrations (name text primary key, applied text not null)`.execute(
      db,
    )
    const { rows } = await sql<{ name: string }>`select name from migrations order by name`.execute(
      db,
    )
    return rows.map(({ name }) => name)
  })
  const known = steps.at(-1)?.name ?? ''
  const stranger = applied.find((name) => !steps.some((step) => step.name === name))
  if (stranger !== undefined) throw new NodeError('CC20301', { found: stranger, known })
  const missing = steps.filter(({ name }) => !applied.includes(name))
  if (missing.length > 0 && !auto)
    throw new NodeError('CC20302', { found: applied.at(-1) ?? 'none', known })
  for (const step of missing) {
    await database.transaction((tx) => apply(tx, database.dialect, step, now))
  }
}

async function apply(
  { db }: Transaction,
  dialect: Dialect,
  step: Migration,
  now: string,
): Promise<void> {
  await step.up(db, dialect)
  await sql`insert into migrations (name, applied) values (${step.name}, ${now})`.execute(db)
}
