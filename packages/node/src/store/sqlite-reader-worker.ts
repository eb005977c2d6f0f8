/** Runs in a worker thread: answers queries, one at a time, on a read-only connection of its own. */
import { parentPort, workerData } from 'node:worker_threads'
import BetterSqlite3 from 'better-sqlite3'
import type { ReaderAnswer, ReaderData, ReaderQuestion } from './sqlite-readers.ts'
import { StatementCache } from './sqlite-statements.ts'

const { file }: ReaderData = workerData
const database = new BetterSqlite3(file, { readonly: true, timeout: 5000 })
database.pragma('temp_store = memory')
database.pragma('cache_size = -4096')
const statements = new StatementCache(database, 40_000)

function answer({ sql, parameters }: ReaderQuestion): ReaderAnswer {
  try {
    const { statement, keys } = statements.get(sql)
    if (keys === undefined) return { error: 'not a query' }
    return { keys, rows: statement.all(parameters) as unknown[][] }
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) }
  }
}

parentPort?.on('message', (question: ReaderQuestion) => parentPort?.postMessage(answer(question)))
