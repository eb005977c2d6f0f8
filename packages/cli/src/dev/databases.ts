import pg from 'pg'
import { Failure } from '../failure.ts'
import type { Network } from './network.ts'

/** The database of each party: `sqlite`, or on the server one of its own, named after the party. */
export function databasesOf({ database, parties }: Network): string[] {
  return parties.map(({ name }) => (database === 'sqlite' ? 'sqlite' : withName(database, name)))
}

function withName(server: string, party: string): string {
  const url = new URL(server)
  const base = url.pathname.replace(/^\//, '') || 'concordat'
  url.pathname = `/${base}_${party.toLowerCase().replaceAll(/[^a-z0-9]/g, '_')}`
  return url.href
}

/** Makes the parties' databases on a Postgres server, unless they are there. */
export async function createDatabases(network: Network): Promise<void> {
  await onServer(network, async (client, name) => {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name])
    if (rowCount === 0) await client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`)
  })
}

/** Drops them: `--reset` begins anew. */
export async function dropDatabases(network: Network): Promise<void> {
  await onServer(network, async (client, name) => {
    await client.query(`DROP DATABASE IF EXISTS ${pg.escapeIdentifier(name)} WITH (FORCE)`)
  })
}

async function onServer(
  network: Network,
  work: (client: pg.Client, name: string) => Promise<void>,
): Promise<void> {
  if (network.database === 'sqlite') return
  const admin = new URL(network.database)
  admin.pathname = '/postgres'
  const client = new pg.Client({ connectionString: admin.href })
  try {
    await client.connect()
    for (const url of databasesOf(network)) await work(client, new URL(url).pathname.slice(1))
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : ''
    throw new Failure(`the database server ${admin.host} cannot be used: ${reason}`, { cause })
  } finally {
    await client.end().catch(() => {})
  }
}
