import type { Insertable, Kysely } from 'kysely'
import type { Tables } from './schema.ts'

export type Dialect = 'sqlite' | 'postgres'

/**
 * One node's database. There is one writer: transactions run one after another (in the order they were asked for), so
 * what they read cannot change under them, and rows become visible in `seq` order on both dialects.
 */
export interface Database extends AsyncDisposable {
  readonly dialect: Dialect
  /** Committed rows only; never blocks the writer. For REST and anything else that only looks. */
  readonly read: Kysely<Tables>
  /** Runs `work` in one transaction: all of it is durable when this resolves, none of it if `work` throws. Not re-entrant. */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>
}

export interface Transaction {
  readonly db: Kysely<Tables>
  /** The first of `count` consecutive numbers for a table's `seq` column. A rollback leaves a gap. */
  sequence(table: SequencedTable, count: number): number
  /**
   * Inserts rows in one round trip, by the fastest way the dialect has. All rows must have the same keys.
   * With `skipConflicts`, rows that break a unique constraint are left out; resolves the number inserted.
   */
  insertMany<T extends keyof Tables>(
    table: T,
    rows: readonly Insertable<Tables[T]>[],
    options?: { readonly skipConflicts?: boolean },
  ): Promise<number>
  /** Runs after the commit is durable, in order of registration; never after a rollback. Must not throw. */
  onCommit(action: () => void): void
}

export type SequencedTable = {
  [T in keyof Tables]: Tables[T] extends { seq: number } ? T : never
}[keyof Tables]
