import { accessSync, constants, existsSync, statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import type { NodeConfig } from '@concordat/node'
import pg from 'pg'
import Type from 'typebox'
import Value from 'typebox/value'
import { type Finding, fault, ok, warning } from './finding.ts'

const gigabyte = 1024 ** 3

/** Whether the database can be used, and the disk has room. */
export async function checkDatabase({ database, dataDir }: NodeConfig): Promise<Finding[]> {
  const disk = checkDisk(dataDir)
  if (database.type === 'sqlite3') return [checkFolder(dirname(database.config.url)), disk]
  const client = new pg.Client({
    connectionString: database.config.url,
    connectionTimeoutMillis: 5000,
  })
  try {
    await client.connect()
    const { rows } = await client.query<{ version: string }>('SHOW server_version')
    return [ok('database', `Postgres ${rows[0]?.version} answers`), disk]
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'no answer'
    return [
      fault('database', reason, 'correct plugins.database[].postgres.url, or start the server'),
      disk,
    ]
  } finally {
    await client.end().catch(() => {})
  }
}

/** The nearest folder above that is there: what is missing is made on start. */
const existing = (dir: string): string =>
  existsSync(dir) || dirname(dir) === dir ? dir : existing(dirname(dir))

function checkFolder(dir: string): Finding {
  try {
    accessSync(existing(dir), constants.W_OK)
    return ok('database', `SQLite in ${dir}`)
  } catch {
    return fault('database', `${dir} cannot be written`, 'give this user the right to write there')
  }
}

function checkDisk(dir: string): Finding {
  const { bavail, bsize } = statfsSync(existing(dir))
  const free = (bavail * bsize) / gigabyte
  const says = `${free.toFixed(1)} GB free for ${dir}`
  if (free < 0.1) return fault('disk', says, 'make room')
  return free < 2 ? warning('disk', says, 'make room soon') : ok('disk', says)
}

const Ipfs = Type.Object({ api: Type.Object({ url: Type.String() }) })

/** IPFS, where the configuration uses it. */
export async function checkStorage({ plugins }: NodeConfig): Promise<Finding[]> {
  const section = plugins.sharedstorage.find(({ type }) => type === 'ipfs')?.config
  if (!Value.Check(Ipfs, section)) return []
  const url = new URL('/api/v0/version', section.api.url)
  const response = await fetch(url, { method: 'POST', signal: AbortSignal.timeout(5000) })
  if (!response.ok)
    return [fault('ipfs', `HTTP ${response.status} at ${url.host}`, 'correct the URL of the API')]
  return [ok('ipfs', `answers at ${url.host}`)]
}
