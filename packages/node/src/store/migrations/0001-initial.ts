import { sql } from 'kysely'
import type { Dialect } from '../database.ts'
import type { Migration } from '../migrate.ts'
import { indexes, tables } from './0001-tables.ts'

export const initial: Migration = {
  name: '0001-initial',
  async up(db, dialect) {
    for (const table of tables)
      await sql.raw(`create table ${inDialect(table, dialect)}`).execute(db)
    for (const index of indexes) {
      const create = index.startsWith('unique ')
        ? `create unique index ${index.slice(7)}`
        : `create index ${index}`
      await sql.raw(create).execute(db)
    }
  },
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
