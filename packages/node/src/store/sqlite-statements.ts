import type BetterSqlite3 from 'better-sqlite3'
import { snakeToCamel } from './names.ts'

export interface CachedStatement {
  readonly statement: BetterSqlite3.Statement
  /** Names of the columns returned, in camelCase; undefined when the statement returns no rows. */
  readonly keys: readonly string[] | undefined
}

/** Prepared statements of one connection, the least recently used dropped first. */
export class StatementCache {
  readonly #database: BetterSqlite3.Database
  readonly #limit: number
  readonly #statements = new Map<string, CachedStatement>()

  constructor(database: BetterSqlite3.Database, limit = 500) {
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
    const oldest = this.#statements.keys().next()
    if (this.#statements.size > this.#limit && !oldest.done) this.#statements.delete(oldest.value)
    return made
  }

  #prepare(sql: string): CachedStatement {
    const statement = this.#database.prepare(sql)
    if (!statement.reader) return { statement, keys: undefined }
    const keys = statement.columns().map(({ name }) => snakeToCamel(name))
    return { statement: statement.raw(true), keys }
  }
}
