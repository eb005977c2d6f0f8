import {
  createKysely,
  type Database,
  MEMORY,
  SqliteWriter,
  Writer,
  type WriterConnection,
} from '@concordat/node'
import type { Life } from './life.ts'

/** What a node has on its disk: kept from one life to the next, but for what was not committed. */
export class SurvivingDatabase implements Disposable {
  readonly #connection = new SqliteWriter(MEMORY)
  readonly #trace: (line: string) => void

  constructor(trace: (line: string) => void) {
    this.#trace = trace
  }

  /** Opens it for one life. Each step takes a turn of the world's, as it would with a server or a disk. */
  async open(life: Life): Promise<Database> {
    const connection = this.#connection
    await connection.rollback()
    const writer = new Writer(this.#within(life))
    const { world } = life
    return {
      dialect: 'sqlite',
      read: createKysely('sqlite', {
        acquire: () => writer.acquire(),
        execute: (sql, parameters) =>
          life.out(async () => {
            await world.yield()
            return connection.look(sql, parameters)
          }),
      }),
      transaction: writer.transaction,
      [Symbol.asyncDispose]: () => writer.close(),
    }
  }

  /** Looks at what is committed: for the one who checks, between lives or when nothing runs. */
  rows(sql: string): readonly Record<string, unknown>[] {
    return this.#connection.look(sql, []).rows as Record<string, unknown>[]
  }

  [Symbol.dispose](): void {
    this.#connection.close()
  }

  #within(life: Life): WriterConnection {
    const connection = this.#connection
    const { world } = life
    return {
      db: createKysely('sqlite', {
        execute: (sql, parameters) => life.out(async () => connection.execute(sql, parameters)),
      }),
      begin: () =>
        life.out(async () => {
          await world.yield()
          await connection.begin()
        }),
      commit: () =>
        life.out(async () => {
          await world.yield()
          await connection.commit()
          this.#trace('commit')
          await world.yield()
        }),
      rollback: () => life.out(() => connection.rollback()),
      insertMany: (table, rows, options) =>
        life.out(() => connection.insertMany(table, rows, options)),
      greatest: (table) => connection.greatest(table),
    }
  }
}
