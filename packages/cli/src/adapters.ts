import { type AdapterSchemas, chains, exchanges, storages } from '@concordat/node'

/** What a configuration may name. */
export const adapterSchemas: AdapterSchemas = {
  blockchain: chains,
  dataexchange: exchanges,
  sharedstorage: storages,
}
