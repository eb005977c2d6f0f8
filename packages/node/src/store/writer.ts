import { AsyncLocalStorage } from 'node:async_hooks'
import { NodeError } from '@concordat/protocol'
import type { Kysely } from 'kysely'
import { Mutex } from '../lib/mutex.ts'
import type { Database, SequencedTable, Transaction } from './database.ts'
import type { Tables } from './schema.ts'

/** The one connection that writes. Only the writer calls it, and only between its own `begin` and `commit`/`rollback`. */
export interface WriterConnection {
  readonly db: Kysely<Tables>
  begin(): Promise<void>
  commit(): Promise<void>
  rollback(): Promise<void>
  insertMany: Transaction['insertMany']
  /** The greatest `seq` of a table, 0 when it is empty. Called once per table and connection. */
  greatest(table: SequencedTable): number
}

/** Runs transactions one after another, in the order they were asked for. */
export class Writer {
  readonly #connection: WriterConnection
  readonly #mutex = new Mutex()
  readonly #inside = new AsyncLocalStorage<{ active: boolean }>()
  readonly #used = new Map<SequencedTable, number>()
  #closed = false

  constructor(connection: WriterConnection) {
    this.#connection = connection
  }

  transaction: Database['transaction'] = async (work) => {
    const release = await this.acquire()
    const turn = { active: true }
    try {
      const { result, actions } = await this.#inside.run(turn, () => this.#run(work))
      turn.active = false
      for (const action of actions) action()
      return result
    } finally {
      turn.active = false
      release()
    }
  }

  /** A turn on the connection outside any transaction. Throws if the caller is inside one: it would wait for itself. */
  async acquire(): Promise<() => void> {
    if (this.#inside.getStore()?.active)
      throw new Error('Called inside a transaction: it would wait for itself')
    if (this.#closed) throw new NodeError('CC20304', { reason: 'it is closed' })
    const release = await this.#mutex.acquire()
    if (!this.#closed) return release
    release()
    throw new NodeError('CC20304', { reason: 'it is closed' })
  }

  /** Forgets the numbers given out: for when another process may have written since. */
  forgetSequences(): void {
    this.#used.clear()
  }

  /** Waits for the transactions already asked for, then refuses new ones. */
  async close(): Promise<void> {
    const release = await this.#mutex.acquire()
    this.#closed = true
    release()
  }

  async #run<T>(
    work: (tx: Transaction) => Promise<T>,
  ): Promise<{ result: T; actions: readonly (() => void)[] }> {
    const connection = this.#connection
    const actions: (() => void)[] = []
    await connection.begin()
    try {
      const result = await work({
        db: connection.db,
        sequence: (table, count) => this.#sequence(table, count),
        insertMany: (table, rows, options) => connection.insertMany(table, rows, options),
        onCommit: (action) => void actions.push(action),
      })
      await connection.commit()
      return { result, actions }
    } catch (error) {
      await connection.rollback()
      throw error
    }
  }

  #sequence(table: SequencedTable, count: number): number {
    const used = this.#used.get(table) ?? this.#connection.greatest(table)
    this.#used.set(table, used + count)
    return used + 1
  }
}
