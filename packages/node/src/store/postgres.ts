import { NodeError } from '@concordat/protocol'
import pg from 'pg'
import { createSystemWorld, type World } from '../lib/world.ts'
import type { Database } from './database.ts'
import { connectionOptions, explain, toResult } from './postgres-client.ts'
import { PostgresWriter } from './postgres-writer.ts'
import { createKysely } from './runner-dialect.ts'
import { Writer } from './writer.ts'

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database` */
  readonly url: string
  /** Connections for `read`; 4 unless said otherwise. One more writes. */
  readonly maxConnections?: number
  /** How long one read may take, in milliseconds; 10,000 unless said otherwise. */
  readonly readLimitMs?: number
  readonly world?: Pick<World, 'sleep'>
}

/** Opens a Postgres database for this process alone. Throws CC20303 when another process has it. */
export async function openPostgres(options: PostgresOptions): Promise<Database> {
  const { url, maxConnections = 4, readLimitMs = 10_000, world = createSystemWorld() } = options
  const connection = new PostgresWriter({ url, world, onReconnect: () => writer.forgetSequences() })
  const writer = new Writer(connection)
  await connection.open()
  const pool = new pg.Pool({
    ...connectionOptions(url),
    max: maxConnections,
    statement_timeout: readLimitMs,
    options: '-c default_transaction_read_only=on',
  })
  // The pool drops an idle connection that breaks, and opens another when it needs one.
  pool.on('error', () => {})
  const closing = new AbortController()
  const execute = async (text: string, values: readonly unknown[]) => {
    if (closing.signal.aborted) throw new NodeError('CC20304', { reason: 'it is closed' })
    try {
      return toResult(await pool.query({ text, values: [...values], rowMode: 'array' }))
    } catch (error) {
      throw explain(error)
    }
  }
  return {
    dialect: 'postgres',
    read: createKysely('postgres', { execute }),
    transaction: writer.transaction,
    async [Symbol.asyncDispose]() {
      closing.abort()
      await writer.close()
      await pool.end()
      await connection.close()
    },
  }
}
