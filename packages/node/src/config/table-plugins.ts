import { adapterSection } from './adapter-section.ts'
import { flag, path, required, requiredPath, text, whole } from './leaves.ts'
import { type PluginKinds, type PluginValue, plugin } from './plugin.ts'
import { list, section } from './spec.ts'

/** What the configuration needs to know of an adapter. */
export interface AdapterSchema {
  readonly type: string
  readonly configSchema: object
}

/** The adapters there are, by the place where they are configured. */
export interface AdapterSchemas {
  readonly blockchain: readonly AdapterSchema[]
  readonly dataexchange: readonly AdapterSchema[]
  readonly sharedstorage: readonly AdapterSchema[]
}

const databases = {
  sqlite3: section(
    { url: path('', 'Path of the database file; left out: `concordat.db` in the data folder') },
    { migrations: 'remove it; migrations run by themselves' },
  ),
  postgres: section({
    url: required(
      '`postgres://user:password@host:5432/database`',
      'write postgres://user:password@host/database',
    ),
    maxConns: whole(20, [2, 1000], 'Connections at most'),
    migrations: section(
      { auto: flag(true, 'Bring the schema up to date at start') },
      { directory: 'remove it; migrations come with the program' },
    ),
  }),
}

const auths = {
  basic: section({
    passwordfile: requiredPath(
      'File of `user:bcrypt-hash` lines, as `htpasswd -B` writes it',
      'write the path of an htpasswd file',
    ),
  }),
}

const transport = section({
  name: required('Name that subscriptions give as `transport`', 'give the transport a name'),
  module: path('', 'JavaScript module that implements the transport'),
  package: text('', 'npm package that implements it, instead of `module`'),
})

const foreign = {
  database: {},
  blockchain: Object.fromEntries(
    ['ethereum', 'fabric', 'tezos', 'cardano'].map((type) => [type, 'evm']),
  ),
  dataexchange: { ffdx: 'mtls' },
  sharedstorage: {},
  auth: {},
}

const adapterKinds = (adapters: readonly AdapterSchema[]): PluginKinds<unknown> =>
  Object.fromEntries(adapters.map((adapter) => [adapter.type, adapterSection(adapter)]))

/** The `plugins` section, for the adapters there are. */
export function pluginsTable(adapters: AdapterSchemas) {
  return {
    plugins: section(
      {
        database: list(plugin(databases, foreign.database)),
        blockchain: list(plugin(adapterKinds(adapters.blockchain), foreign.blockchain)),
        dataexchange: list(plugin(adapterKinds(adapters.dataexchange), foreign.dataexchange)),
        sharedstorage: list(plugin(adapterKinds(adapters.sharedstorage), foreign.sharedstorage)),
        auth: list(plugin(auths, foreign.auth)),
        eventtransports: list(transport),
      },
      {
        tokens: 'remove it; tokens are not part of this version',
        identity: 'remove it; identities are always on the chain',
      },
    ),
  }
}

export type DatabaseConfig = PluginValue<typeof databases>
export type AuthConfig = PluginValue<typeof auths>
