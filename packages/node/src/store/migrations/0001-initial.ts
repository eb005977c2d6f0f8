import type { Migration } from '../migrate.ts'
import { indexes, tables } from './0001-tables.ts'
import { createShape } from './in-dialect.ts'

export const initial: Migration = {
  name: '0001-initial',
  up: (db, dialect) => createShape(db, dialect, { tables, indexes }),
}
