import type { ChainAdapter } from '../chain/chain.ts'
import { chains } from '../chain/registry.ts'
import type { NodeConfig } from '../config/config.ts'
import { createFileBlobStore } from '../exchange/blobs.ts'
import type { BlobStore, ExchangeAdapter } from '../exchange/exchange.ts'
import { exchanges } from '../exchange/registry.ts'
import type { World } from '../lib/world.ts'
import { storages } from '../storage/registry.ts'
import type { StorageAdapter } from '../storage/storage.ts'
import type { Database } from '../store/database.ts'
import { openPostgres } from '../store/postgres.ts'
import { openSqlite } from '../store/sqlite.ts'

/** What a node is made of that touches the outside. Each plugin's section was checked against its adapter's schema. */
export interface Adapters {
  readonly blockchain: readonly ChainAdapter<never>[]
  readonly dataexchange: readonly ExchangeAdapter<never>[]
  readonly sharedstorage: readonly StorageAdapter<never>[]
  openDatabase(config: NodeConfig['database'], world: World): Promise<Database>
  openBlobs(folder: string, world: World): Promise<BlobStore>
}

/** The real ones. */
export const systemAdapters: Adapters = {
  blockchain: chains,
  dataexchange: exchanges,
  sharedstorage: storages,
  openDatabase: (database, world) =>
    database.type === 'sqlite3'
      ? openSqlite({ file: database.config.url, world })
      : openPostgres({ url: database.config.url, maxConnections: database.config.maxConns, world }),
  openBlobs: createFileBlobStore,
}

/** The adapter of a plugin's type; the configuration was checked, so there is one. */
export function adapterOf<A extends { readonly type: string }>(
  adapters: readonly A[],
  type: string,
): A {
  const found = adapters.find((adapter) => adapter.type === type)
  if (!found) throw new Error(`no adapter of type ${type}`)
  return found
}
