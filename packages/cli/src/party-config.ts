import { stringify } from 'yaml'

export interface Seed {
  readonly url: string
  readonly certSha256: string
}

/** What a party's configuration says; file names are relative to the file. */
export interface PartyConfig {
  readonly org: { readonly name: string; readonly description: string; readonly key: string }
  readonly node: { readonly name: string }
  readonly api: { readonly address: string; readonly port: number; readonly publicURL: string }
  /** Port of the administrative interface; absent: off. */
  readonly spiPort?: number
  /** `sqlite`, or a Postgres URL. */
  readonly database: string
  readonly chain: {
    readonly url: string
    readonly contract: string
    /** Absent: as the contract says. */
    readonly confirmations?: number
    /** What it may sign with, as `plugins.blockchain[].evm.keys` has it. */
    readonly keys: readonly object[]
  }
  readonly exchange: {
    readonly hostname: string
    readonly port: number
    /** How others reach it, if not by address and port. */
    readonly endpoint?: string
    readonly certFile: string
    readonly keyFile: string
    readonly seeds: readonly Seed[]
  }
  /** Addresses inside the house that webhooks may call. */
  readonly webhookRanges: readonly string[]
}

/** A party's `config.yaml`. */
export function toConfigYaml(party: PartyConfig): string {
  const { api, spiPort, webhookRanges } = party
  return stringify({
    dataDir: 'data',
    http: { address: api.address, port: api.port, publicURL: api.publicURL },
    ...(spiPort !== undefined && { spi: { enabled: true, address: api.address, port: spiPort } }),
    ...(webhookRanges.length > 0 && { events: { webhooks: { allowedRanges: webhookRanges } } }),
    plugins: {
      database: [toDatabase(party.database)],
      blockchain: [toBlockchain(party.chain)],
      dataexchange: [toExchange(party.exchange)],
      sharedstorage: [{ name: 'sharedstorage0', type: 'peer' }],
    },
    namespaces: { default: 'default', predefined: [toNamespace(party)] },
  })
}

const toDatabase = (database: string): object =>
  database === 'sqlite'
    ? { name: 'database0', type: 'sqlite3', sqlite3: { url: 'data/concordat.db' } }
    : { name: 'database0', type: 'postgres', postgres: { url: database } }

const toBlockchain = ({ url, confirmations, keys }: PartyConfig['chain']): object => ({
  name: 'blockchain0',
  type: 'evm',
  evm: { url, ...(confirmations !== undefined && { confirmations }), keys },
})

const toExchange = (exchange: PartyConfig['exchange']): object => ({
  name: 'dataexchange0',
  type: 'mtls',
  mtls: exchange,
})

const toNamespace = ({ org, node, chain }: PartyConfig): object => ({
  name: 'default',
  description: 'The network',
  plugins: ['database0', 'blockchain0', 'dataexchange0', 'sharedstorage0'],
  multiparty: {
    enabled: true,
    networkNamespace: 'default',
    org,
    node,
    contract: [{ location: { address: chain.contract }, firstEvent: 'oldest' }],
  },
})
