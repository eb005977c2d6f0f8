import { NodeError } from '@concordat/protocol'
import type { QueryResult } from 'kysely'
import pg from 'pg'
import type { World } from '../lib/world.ts'
import type { SequencedTable, Transaction } from './database.ts'
import { camelToSnake } from './names.ts'
import { connectionOptions, explain, isLost, toResult } from './postgres-client.ts'
import { createKysely } from './runner-dialect.ts'
import type { WriterConnection } from './writer.ts'

/** One writer to a database: whoever holds this session lock. */
const LOCK = 'select pg_try_advisory_lock(1129271107, 1) as held'
/** A server needs a moment to notice that the last holder died. */
const LOCK_TRIES = 15
const LOCK_PAUSE_MS = 100
const MAX_PREPARED = 500

export interface PostgresWriterOptions {
  readonly url: string
  readonly world: Pick<World, 'sleep'>
  /** The lock was lost and taken again: someone else may have written between. */
  readonly onReconnect: () => void
}

/**
 * The writing connection. Lost between transactions, it is made again, lock included, when the next one begins; lost
 * within one, that one fails with CC20304, and whether its commit took effect is unknown if it was under way.
 */
export class PostgresWriter implements WriterConnection {
  readonly #options: PostgresWriterOptions
  readonly #prepared = new Map<string, string>()
  #greatest: ReadonlyMap<string, number> = new Map()
  #client: pg.Client | undefined
  readonly db = createKysely('postgres', { execute: (sql, values) => this.execute(sql, values) })

  constructor(options: PostgresWriterOptions) {
    this.#options = options
  }

  /** Connects and takes the lock. */
  async open(): Promise<void> {
    const client = new pg.Client(connectionOptions(this.#options.url))
    client.on('error', () => this.#drop(client))
    client.on('end', () => this.#drop(client))
    try {
      await client.connect()
      await this.#lock(client)
      this.#greatest = await readGreatest(client)
      this.#prepared.clear()
      this.#client = client
    } catch (error) {
      await client.end().catch(() => {})
      throw explain(error)
    }
  }

  async execute(text: string, values: readonly unknown[]): Promise<QueryResult<unknown>> {
    const name = this.#nameOf(text)
    const query = { text, values: [...values], rowMode: 'array' as const, ...(name && { name }) }
    return toResult(await this.#run((client) => client.query<unknown[]>(query)))
  }

  async begin(): Promise<void> {
    if (this.#client === undefined) {
      await this.open()
      this.#options.onReconnect()
    }
    await this.#run((client) => client.query('begin'))
  }

  async commit(): Promise<void> {
    const { command } = await this.#run((client) => client.query('commit'))
    // Postgres turns the commit of a transaction in which a statement failed into a rollback, without an error.
    if (command === 'ROLLBACK')
      throw new Error('A statement of the transaction failed, so nothing was committed')
  }

  async rollback(): Promise<void> {
    const client = this.#client
    if (client === undefined) return
    await client.query('rollback').catch(() => this.#drop(client))
  }

  insertMany: Transaction['insertMany'] = async (table, rows, options) => {
    const first = rows[0]
    if (first === undefined) return 0
    const keys = Object.keys(first)
    const columns = keys.map(camelToSnake).join(', ')
    const name = camelToSnake(table)
    const ending = options?.skipConflicts ? ' on conflict do nothing' : ''
    const text =
      `insert into ${name} (${columns}) select ${columns} ` +
      `from json_populate_recordset(null::${name}, $1::json)${ending}`
    const { numAffectedRows } = await this.execute(text, [rowsToJson(keys, rows)])
    return Number(numAffectedRows ?? 0)
  }

  greatest(table: SequencedTable): number {
    return this.#greatest.get(camelToSnake(table)) ?? 0
  }

  async close(): Promise<void> {
    await this.#client?.end()
  }

  async #run<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = this.#client
    if (client === undefined) throw new NodeError('CC20304', { reason: 'the connection was lost' })
    try {
      return await work(client)
    } catch (error) {
      if (error instanceof Error && isLost(error)) this.#drop(client)
      throw explain(error)
    }
  }

  async #lock(client: pg.Client): Promise<void> {
    for (let tries = 0; tries < LOCK_TRIES; tries++) {
      const { rows } = await client.query<{ held: boolean }>(LOCK)
      if (rows[0]?.held) return
      await this.#options.world.sleep(LOCK_PAUSE_MS)
    }
    throw new NodeError('CC20303')
  }

  #drop(client: pg.Client): void {
    if (this.#client !== client) return
    this.#client = undefined
    client.end().catch(() => {})
  }

  /** Statements used again are parsed once by the server; past a limit they are sent as they are. */
  #nameOf(text: string): string | undefined {
    const known = this.#prepared.get(text)
    if (known !== undefined || this.#prepared.size >= MAX_PREPARED) return known
    const name = `s${this.#prepared.size}`
    this.#prepared.set(text, name)
    return name
  }
}

async function readGreatest(client: pg.Client): Promise<ReadonlyMap<string, number>> {
  const { rows: found } = await client.query<{ table: string }>(
    `select table_name as table from information_schema.columns
     where column_name = 'seq' and table_schema = current_schema()`,
  )
  const greatest = new Map<string, number>()
  for (const { table } of found) {
    const { rows } = await client.query<{ seq: number }>(
      `select coalesce(max(seq), 0) as seq from ${pg.escapeIdentifier(table)}`,
    )
    greatest.set(table, rows[0]?.seq ?? 0)
  }
  return greatest
}

/** Half a surrogate pair is not text to Postgres; SQLite's driver writes U+FFFD for it, so we do. */
const HALF_PAIR = /\\u[dD][89a-fA-F]/

function rowsToJson(keys: readonly string[], rows: readonly object[]): string {
  const names = keys.map(camelToSnake)
  const renamed = rows.map((row) => rename(keys, names, row))
  const json = JSON.stringify(renamed)
  return HALF_PAIR.test(json) ? JSON.stringify(renamed, wellFormed) : json
}

const wellFormed = (_key: string, value: unknown): unknown =>
  typeof value === 'string' ? value.toWellFormed() : value

function rename(keys: readonly string[], names: readonly string[], row: object): object {
  const fields: Record<string, unknown> = { ...row }
  const renamed: Record<string, unknown> = {}
  for (let i = 0; i < keys.length; i++) {
    const value = fields[keys[i] ?? '']
    const bytes = value instanceof Uint8Array
    renamed[names[i] ?? ''] = bytes ? `\\x${Buffer.from(value).toString('hex')}` : value
  }
  return renamed
}
