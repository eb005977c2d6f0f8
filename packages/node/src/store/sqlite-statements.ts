import type BetterSqlite3 from 'better-sqlite3'
import { snakeToCamel } from './names.ts'

export interface CachedStatement {
  readonly statement: BetterSqlite3.Statement
  /** Names of the columns returned, in camelCase; undefined when the statement returns no rows. */
  readonly keys: readonly string[] | undefined
}

/**
 * Prepared statements of one connection, the least recently used dropped first. Their texts together are kept below a limit,
 * in characters: SQLite needs some fifty bytes for each, and a list of 500 values makes a text of its own for every length.
 */
export class StatementCache {
  readonly #database: BetterSqlite3.Database
  readonly #limit: number
  readonly #statements = new Map<string, CachedStatement>()
  #length = 0

  constructor(database: BetterSqlite3.Database, limit = 100_000) {
    this.#database = database
    this.#limit = limit
  }

  get(sql: string): CachedStatement {
    const known = this.#statements.get(sql)
    if (known !== undefined) {
      this.#statements.delete(sql)
      this.#statements.set(sql, known)
      return known
    }
    const made = this.#prepare(sql)
    this.#statements.set(sql, made)
    this.#length += sql.length
    for (const oldest of this.#statements.keys()) {
      if (this.#length <= this.#limit || oldest === sql) break
      this.#statements.delete(oldest)
      this.#length -= oldest.length
    }
    return made
  }

  #prepare(sql: string): CachedStatement {
    const statement = this.#database.prepare(sql)
    if (!statement.reader) return { statement, keys: undefined }
    const keys = statement.columns().map(({ name }) => snakeToCamel(name))
    return { statement: statement.raw(true), keys }
  }
}
