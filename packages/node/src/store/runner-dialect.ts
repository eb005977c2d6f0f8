import {
  type CompiledQuery,
  type DatabaseConnection,
  type DialectAdapter,
  type Driver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import type { Dialect } from './database.ts'
import { SnakeCaseQueries } from './names.ts'
import type { Tables } from './schema.ts'

/** Runs compiled queries; rows come back with camelCase keys. `acquire` waits for a turn and gives what ends it. */
export interface QueryRunner {
  readonly acquire?: () => Promise<() => void>
  execute(
    sql: string,
    parameters: readonly unknown[],
  ): QueryResult<unknown> | Promise<QueryResult<unknown>>
}

/** Our runners order their own work, so kysely needs no lock around each query. */
class UnlockedAdapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true
  }
}

class RunnerConnection implements DatabaseConnection {
  readonly #runner: QueryRunner
  release: (() => void) | undefined

  constructor(runner: QueryRunner) {
    this.#runner = runner
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    // The caller's row type is kysely's promise about the query it compiled.
    return (await this.#runner.execute(sql, parameters)) as QueryResult<R>
  }

  // biome-ignore lint/correctness/useYield: kysely wants the method, we never stream.
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('streaming is not supported')
  }
}

function createDriver(runner: QueryRunner): Driver {
  const shared = new RunnerConnection(runner)
  const unsupported = async (): Promise<never> => {
    throw new Error('use Database.transaction')
  }
  return {
    init: async () => {},
    acquireConnection: async () => {
      if (runner.acquire === undefined) return shared
      const connection = new RunnerConnection(runner)
      connection.release = await runner.acquire()
      return connection
    },
    releaseConnection: async (connection) => {
      if (connection instanceof RunnerConnection) connection.release?.()
    },
    beginTransaction: unsupported,
    commitTransaction: unsupported,
    rollbackTransaction: unsupported,
    destroy: async () => {},
  }
}

const makers = {
  sqlite: {
    createAdapter: (): DialectAdapter => new UnlockedAdapter(),
    createIntrospector: (db: Kysely<unknown>) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
  postgres: {
    createAdapter: (): DialectAdapter => new PostgresAdapter(),
    createIntrospector: (db: Kysely<unknown>) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
} as const

/** Kysely over a runner: it builds and compiles queries, and leaves connections and turns to us. */
export function createKysely(dialect: Dialect, runner: QueryRunner): Kysely<Tables> {
  return new Kysely({
    dialect: { ...makers[dialect], createDriver: () => createDriver(runner) },
    plugins: [new SnakeCaseQueries()],
  })
}
