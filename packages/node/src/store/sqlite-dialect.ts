import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import { SnakeCaseQueries } from './names.ts'
import type { Tables } from './schema.ts'

/** What our kysely drivers need of a connection: rows come back with camelCase keys. */
export interface SqliteRunner {
  acquire?(): Promise<() => void>
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
  readonly #runner: SqliteRunner
  release: (() => void) | undefined

  constructor(runner: SqliteRunner) {
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

function createDriver(runner: SqliteRunner): Driver {
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

export function createSqliteKysely(runner: SqliteRunner): Kysely<Tables> {
  const dialect: Dialect = {
    createAdapter: () => new UnlockedAdapter(),
    createDriver: () => createDriver(runner),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  }
  return new Kysely({ dialect, plugins: [new SnakeCaseQueries()] })
}
