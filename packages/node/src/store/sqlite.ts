import { mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { createSystemWorld, type World } from '../lib/world.ts'
import type { Database } from './database.ts'
import { createKysely } from './runner-dialect.ts'
import { lockFile } from './sqlite-lock.ts'
import { SqliteReaders } from './sqlite-readers.ts'
import { MEMORY, SqliteWriter } from './sqlite-writer.ts'
import { Writer } from './writer.ts'

export interface SqliteOptions {
  /** Path of the file, made if missing; `:memory:` for a database that ends with the process. */
  readonly file: string
  readonly world?: Pick<World, 'sleep'>
  /** Threads for `read`; 2 unless said otherwise. */
  readonly readers?: number
  /** How long one read may take, in milliseconds; 10,000 unless said otherwise. */
  readonly readLimitMs?: number
}

/** Opens a SQLite database for this process alone. Throws CC20303 when another process has it. */
export async function openSqlite(options: SqliteOptions): Promise<Database> {
  return options.file === MEMORY ? openInMemory() : openFile(resolve(options.file), options)
}

/** Reads share the one connection, each in a turn of its own, so they see committed rows only. */
function openInMemory(): Database {
  const connection = new SqliteWriter(MEMORY)
  const writer = new Writer(connection)
  const read = createKysely('sqlite', {
    acquire: () => writer.acquire(),
    execute: (sql, parameters) => connection.look(sql, parameters),
  })
  return {
    dialect: 'sqlite',
    read,
    transaction: writer.transaction,
    async [Symbol.asyncDispose]() {
      await writer.close()
      connection.close()
    },
  }
}

function openFile(file: string, options: SqliteOptions): Database {
  mkdirSync(dirname(file), { recursive: true })
  const lock = lockFile(file)
  const connection = openConnection(file, lock)
  const writer = new Writer(connection)
  const readers = new SqliteReaders({
    file,
    readers: options.readers ?? 2,
    timeLimitMs: options.readLimitMs ?? 10_000,
    world: options.world ?? createSystemWorld(),
  })
  return {
    dialect: 'sqlite',
    read: createKysely('sqlite', {
      execute: (sql, parameters) => readers.execute(sql, parameters),
    }),
    transaction: writer.transaction,
    async [Symbol.asyncDispose]() {
      await writer.close()
      await readers[Symbol.asyncDispose]()
      connection.close()
      lock[Symbol.dispose]()
    },
  }
}

function openConnection(file: string, lock: Disposable): SqliteWriter {
  try {
    return new SqliteWriter(file)
  } catch (error) {
    lock[Symbol.dispose]()
    throw error
  }
}
