import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Kysely, sql } from 'kysely'
import pg from 'pg'
import { createSystemWorld } from '../lib/world.ts'
import { migrations } from './migrations/index.ts'
import { connectionOptions, toResult } from './postgres-client.ts'
import { createKysely } from './runner-dialect.ts'
import type { Tables } from './schema.ts'
import { SqliteReaders } from './sqlite-readers.ts'

/** A database that is only looked at, beside the node that works with it. */
export interface Look extends AsyncDisposable {
  readonly read: Kysely<Tables>
  /** Steps of the schema that the next start has to run. */
  readonly missing: readonly string[]
  /** A step that only a newer program knows. */
  readonly unknown: string | undefined
}

type Place =
  | { readonly type: 'sqlite3'; readonly config: { readonly url: string } }
  | { readonly type: 'postgres'; readonly config: { readonly url: string } }

const limitMs = 5000

/** Opens a node's database read-only. Undefined if there is none yet; rejects if it can't be read. */
export async function lookInto(place: Place): Promise<Look | undefined> {
  const opened =
    place.type === 'sqlite3' ? openFile(place.config.url) : openServer(place.config.url)
  if (!opened) return undefined
  try {
    const applied = await appliedSteps(opened.read)
    return {
      ...opened,
      missing: migrations.map(({ name }) => name).filter((name) => !applied.includes(name)),
      unknown: applied.find((name) => !migrations.some((step) => step.name === name)),
    }
  } catch (error) {
    await opened[Symbol.asyncDispose]()
    throw error
  }
}

type Opened = Pick<Look, 'read'> & AsyncDisposable

function openFile(url: string): Opened | undefined {
  const file = resolve(url)
  if (!existsSync(file)) return undefined
  const world = createSystemWorld()
  const readers = new SqliteReaders({ file, readers: 1, timeLimitMs: limitMs, world })
  const execute = (text: string, values: readonly unknown[]) => readers.execute(text, values)
  return {
    read: createKysely('sqlite', { execute }),
    [Symbol.asyncDispose]: () => readers[Symbol.asyncDispose](),
  }
}

function openServer(url: string): Opened {
  const pool = new pg.Pool({
    ...connectionOptions(url),
    max: 1,
    connectionTimeoutMillis: limitMs,
    statement_timeout: limitMs,
    options: '-c default_transaction_read_only=on',
  })
  pool.on('error', () => {})
  const execute = async (text: string, values: readonly unknown[]) =>
    toResult(await pool.query({ text, values: [...values], rowMode: 'array' }))
  return {
    read: createKysely('postgres', { execute }),
    [Symbol.asyncDispose]: () => pool.end(),
  }
}

async function appliedSteps(read: Kysely<Tables>): Promise<string[]> {
  try {
    const { rows } = await sql<{ name: string }>`select name from migrations order by name`.execute(
      read,
    )
    return rows.map(({ name }) => name)
  } catch (error) {
    // An empty database: the first start makes its tables.
    if (error instanceof Error && /no such table|does not exist/.test(error.message)) {
      if (!/database ".*" does not exist/.test(error.message)) return []
    }
    throw error
  }
}
