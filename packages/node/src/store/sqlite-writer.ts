import BetterSqlite3 from 'better-sqlite3'
import type { QueryResult } from 'kysely'
import type { SequencedTable, Transaction } from './database.ts'
import { camelToSnake, nameValues } from './names.ts'
import { createKysely } from './runner-dialect.ts'
import { StatementCache } from './sqlite-statements.ts'
import type { WriterConnection } from './writer.ts'

export const MEMORY = ':memory:'

/** One writing connection. Every call is synchronous underneath: a query costs the caller its own time and no more. */
export class SqliteWriter implements WriterConnection {
  readonly #database: BetterSqlite3.Database
  readonly #statements: StatementCache
  readonly db

  constructor(file: string) {
    this.#database = new BetterSqlite3(file)
    for (const pragma of pragmas(file)) this.#database.pragma(pragma)
    this.#statements = new StatementCache(this.#database)
    this.db = createKysely('sqlite', {
      execute: (sql, parameters) => this.execute(sql, parameters),
    })
  }

  execute(sql: string, parameters: readonly unknown[]): QueryResult<unknown> {
    const { statement, keys } = this.#statements.get(sql)
    if (keys !== undefined) return { rows: nameValues(keys, rowsOf(statement, parameters)) }
    const { changes } = statement.run(parameters)
    return { rows: [], numAffectedRows: BigInt(changes) }
  }

  /** As `execute`, for queries that only look. */
  look(sql: string, parameters: readonly unknown[]): QueryResult<unknown> {
    if (!this.#statements.get(sql).statement.readonly) throw new Error('Write in a transaction')
    return this.execute(sql, parameters)
  }

  async begin(): Promise<void> {
    this.#statements.get('begin immediate').statement.run()
  }

  async commit(): Promise<void> {
    this.#statements.get('commit').statement.run()
  }

  async rollback(): Promise<void> {
    // A full disk makes SQLite roll back by itself.
    if (this.#database.inTransaction) this.#statements.get('rollback').statement.run()
  }

  insertMany: Transaction['insertMany'] = async (table, rows, options) => {
    const first = rows[0]
    if (first === undefined) return 0
    const keys = Object.keys(first)
    const columns = keys.map(camelToSnake).join(', ')
    const holes = keys.map(() => '?').join(', ')
    const ending = options?.skipConflicts ? ' on conflict do nothing' : ''
    const sql = `insert into ${camelToSnake(table)} (${columns}) values (${holes})${ending}`
    const { statement } = this.#statements.get(sql)
    let inserted = 0
    for (const row of rows) {
      const fields: Record<string, unknown> = row
      inserted += statement.run(keys.map((key) => fields[key])).changes
    }
    return inserted
  }

  greatest(table: SequencedTable): number {
    const { statement } = this.#statements.get(
      `select coalesce(max(seq), 0) from ${camelToSnake(table)}`,
    )
    return Number(rowsOf(statement, [])[0]?.[0])
  }

  close(): void {
    this.#database.close()
  }
}

function pragmas(file: string): readonly string[] {
  const common = [
    'foreign_keys = off',
    'temp_store = memory',
    'cache_size = -16384',
    'busy_timeout = 5000',
  ]
  if (file === MEMORY) return common
  return ['journal_mode = wal', 'synchronous = full', 'wal_autocheckpoint = 4000', ...common]
}

// Statements that return rows are in raw mode: each row an array.
const rowsOf = (statement: BetterSqlite3.Statement, parameters: readonly unknown[]): unknown[][] =>
  statement.all(parameters) as unknown[][]
