import { join } from 'node:path'
import { checkServers } from './check-servers.ts'
import { path } from './leaves.ts'
import { type Names, type NamespaceConfig, resolveNamespaces } from './namespaces.ts'
import { type Fault, type KeyLine, type Place, type SectionValue, section } from './spec.ts'
import { engineTable } from './table-engine.ts'
import { namespacesTable } from './table-namespaces.ts'
import { type AdapterSchemas, pluginsTable } from './table-plugins.ts'
import { serverTable } from './table-server.ts'

/** A plugin of an adapter; `config` is checked against the adapter's schema. */
export interface PluginConfig {
  readonly name: string
  readonly type: string
  readonly config: unknown
}

type Plugins = SectionValue<ReturnType<typeof pluginsTable>>['plugins']
type Table = SectionValue<typeof serverTable & typeof engineTable>

/** What a node runs by: every value is there, checked; durations in milliseconds, sizes in bytes, paths absolute. */
export interface NodeConfig extends Table {
  /** Folder for what the node keeps beside its database: blobs, keys made on first start. */
  readonly dataDir: string
  readonly database: Plugins['database'][number]
  readonly plugins: Pick<Plugins, 'auth' | 'eventtransports'> & {
    readonly blockchain: readonly PluginConfig[]
    readonly dataexchange: readonly PluginConfig[]
    readonly sharedstorage: readonly PluginConfig[]
  }
  /** Namespace of requests that name none. */
  readonly defaultNamespace: string
  readonly namespaces: readonly NamespaceConfig[]
}

export type ConfigResult =
  | { readonly ok: true; readonly config: NodeConfig }
  | { readonly ok: false; readonly faults: readonly Fault[] }

/** Every key there is, for the adapters there are. */
export function configTable(adapters: AdapterSchemas) {
  return section(
    {
      dataDir: path('data', 'Folder for what the node keeps beside its database'),
      ...serverTable,
      ...engineTable,
      ...namespacesTable,
      ...pluginsTable(adapters),
    },
    dropped,
  )
}

/** The reference: one line a key. */
export const configReference = (adapters: AdapterSchemas): KeyLine[] =>
  configTable(adapters).describe('')

/** Reads a parsed file. Never throws: what is wrong comes as one list of faults. */
export function parseConfig(
  raw: unknown,
  options: { readonly baseDir: string; readonly adapters: AdapterSchemas },
): ConfigResult {
  const place: Place = { path: '', faults: [], baseDir: options.baseDir }
  const { namespaces, plugins, ...rest } = configTable(options.adapters).read(raw, place)
  checkServers(rest, place)
  const database = theDatabase(plugins.database, rest.dataDir, place)
  const resolved = resolveNamespaces(namespaces, namesOf(plugins), place)
  if (place.faults.length > 0 || database === undefined) return { ok: false, faults: place.faults }
  const config = {
    ...rest,
    database,
    plugins,
    defaultNamespace: namespaces.default,
    namespaces: resolved,
  }
  return { ok: true, config }
}

/** Faults as text, one a line. */
export const faultsToText = (faults: readonly Fault[]): string =>
  faults.map(({ path, problem, mend }) => `\n  ${path || '(file)'}: ${problem}; ${mend}`).join('')

function theDatabase(
  found: Plugins['database'],
  dataDir: string,
  { faults }: Place,
): Plugins['database'][number] | undefined {
  const [first, ...others] = found
  const path = 'plugins.database'
  if (first === undefined)
    faults.push({
      path,
      problem: 'no database is defined',
      mend: 'add one, of type sqlite3 or postgres',
    })
  if (others.length > 0)
    faults.push({
      path,
      problem: 'more than one database',
      mend: 'keep one: a node has one database for all its namespaces',
    })
  if (first?.type === 'sqlite3' && first.config?.url === '') {
    return { ...first, config: { url: join(dataDir, 'concordat.db') } }
  }
  return first
}

function namesOf(plugins: Plugins): Names {
  const { database, blockchain, dataexchange, sharedstorage, auth } = plugins
  return { database, blockchain, dataexchange, sharedstorage, auth }
}

const noCounterpart = 'remove it'
const dropped: Record<string, string> = {
  metrics: 'use monitoring',
  download: 'remove it; payloads are fetched as they are needed',
  ui: 'remove it; there is no console yet',
  org: 'use namespaces.predefined[].multiparty.org',
  node: 'use namespaces.predefined[].multiparty.node',
  tokens: 'remove it; tokens are not part of this version',
  database: 'use plugins.database',
  blockchain: 'use plugins.blockchain',
  dataexchange: 'use plugins.dataexchange',
  sharedstorage: 'use plugins.sharedstorage',
  ...Object.fromEntries(
    [
      'admin',
      'asset',
      'batchretry',
      'blobreceiver',
      'cache',
      'config',
      'contracts',
      'debug',
      'group',
      'identity',
      'message',
      'opupdate',
      'orchestrator',
      'orphanedOperations',
      'transaction',
      'validator',
    ].map((key) => [key, noCounterpart]),
  ),
}
