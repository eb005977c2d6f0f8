import { type Kysely, sql } from 'kysely'
import type { Dialect } from '../database.ts'

/** Tables (`name (columns)`; `text`, `int` and `bytes` stand for the dialect's own types) and indexes (`name on table …`, `unique` before it where it is). */
export interface Shape {
  readonly tables: readonly string[]
  readonly indexes: readonly string[]
}

export async function createShape<T>(
  db: Kysely<T>,
  dialect: Dialect,
  { tables, indexes }: Shape,
): Promise<void> {
  for (const table of tables) await sql.raw(`create table ${inDialect(table, dialect)}`).execute(db)
  for (const index of indexes) {
    const create = index.startsWith('unique ')
      ? `create unique index ${index.slice(7)}`
      : `create index ${index}`
    await sql.raw(create).execute(db)
  }
}

/**
 * Postgres compares text byte by byte, as SQLite does, whatever the server's locale. `clustered`: SQLite keeps the rows
 * in the key's own order, without a second tree.
 */
function inDialect(table: string, dialect: Dialect): string {
  if (dialect === 'sqlite') {
    return table
      .replace(/\bint\b/g, 'integer')
      .replace(/\bbytes\b/g, 'blob')
      .replace('clustered', 'without rowid')
  }
  return table
    .replace(/\btext\b/g, 'text collate "C"')
    .replace(/\bint\b/g, 'bigint')
    .replace(/\bbytes\b/g, 'bytea')
    .replace('clustered', '')
}
