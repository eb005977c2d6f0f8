import { accessSync, constants, existsSync, statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import type { KnownSoFar, NodeConfig } from '@concordat/node'
import Type from 'typebox'
import Value from 'typebox/value'
import { type Finding, fault, ok, warning } from './finding.ts'

const gigabyte = 1024 ** 3

/** What was read of the database, or why it could not be. */
export type Reading =
  | { readonly known: KnownSoFar | undefined }
  | { readonly known: undefined; readonly failure: string }

/** Whether the database can be used, with this program's schema, and the disk has room. */
export function checkDatabase({ database, dataDir }: NodeConfig, reading: Reading): Finding[] {
  const disk = checkDisk(dataDir)
  if ('failure' in reading) {
    const mend =
      database.type === 'sqlite3'
        ? 'correct plugins.database[].sqlite3.url, or give this user the right to read it'
        : 'correct plugins.database[].postgres.url, or start the server'
    return [fault('database', reading.failure, mend), disk]
  }
  if (database.type === 'postgres')
    return [ok('database', 'Postgres answers'), ...checkSchema(database, reading.known), disk]
  const folder = checkFolder(dirname(database.config.url))
  return [folder, ...checkSchema(database, reading.known), disk]
}

function checkSchema(database: NodeConfig['database'], known: KnownSoFar | undefined): Finding[] {
  if (!known) return [ok('schema', 'no database yet: the first start makes it')]
  const { missing, unknown } = known
  if (unknown !== undefined)
    return [fault('schema', `${unknown} is newer than this program`, 'install a newer one')]
  if (missing.length === 0) return [ok('schema', 'up to date')]
  const says = `lacks ${missing.join(', ')}`
  if (database.type === 'postgres' && !database.config.migrations.auto)
    return [fault('schema', says, 'start the node once with migrations.auto: true')]
  return [ok('schema', `${says}: the next start adds it`)]
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

/** Where broadcasts are kept for all. */
export async function checkStorage({ plugins }: NodeConfig): Promise<Finding[]> {
  return (
    await Promise.all(
      plugins.sharedstorage.map(async ({ name, type, config }): Promise<Finding[]> => {
        const about = `shared storage ${name}`
        if (!Value.Check(Ipfs, config))
          return [ok(about, `${type}: kept by the members themselves`)]
        return [await checkIpfs(about, config.api.url)]
      }),
    )
  ).flat()
}

async function checkIpfs(about: string, api: string): Promise<Finding> {
  const mend = 'correct plugins.sharedstorage[].ipfs.api.url, or start IPFS'
  try {
    const url = new URL('/api/v0/version', api)
    const response = await fetch(url, { method: 'POST', signal: AbortSignal.timeout(5000) })
    if (!response.ok) return fault(about, `IPFS: HTTP ${response.status} at ${url.host}`, mend)
    return ok(about, `IPFS answers at ${url.host}`)
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    return fault(about, cause instanceof Error ? cause.message : 'IPFS does not answer', mend)
  }
}
