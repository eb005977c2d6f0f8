import {
  type Adapters,
  type BlobStore,
  createMemoryChainAdapter,
  createMemoryExchangeAdapter,
  type Exchange,
  type ExchangeHandlers,
  type LedgerEnd,
  type MemoryHub,
  systemAdapters,
} from '@concordat/node'
import type { Chance } from './chance.ts'
import { forge } from './forger.ts'
import type { Life } from './life.ts'
import type { SurvivingDatabase } from './surviving-database.ts'

export interface LifeParts {
  readonly life: Life
  readonly ledger: LedgerEnd
  readonly hub: MemoryHub
  readonly database: SurvivingDatabase
  readonly blobs: BlobStore
  /** What the node may sign with. */
  readonly keys: readonly string[]
  /** Blocks by which the node's view of the chain is behind. */
  readonly lag: () => number
  readonly peerId: string
  /** By which chance it sends others what it should not; undefined: it is honest. */
  readonly forgery: Chance | undefined
  /** Told of what must be taken away when the node crashes. */
  readonly onCrash: (action: () => unknown) => void
}

/** The adapters of one life of a node: those in memory, cut off when it ends. */
export function createLifeAdapters(parts: LifeParts): Adapters {
  const { life, database, blobs, keys, lag, peerId } = parts
  const anything = { type: 'object' }
  return {
    blockchain: [
      {
        type: 'memory',
        configSchema: anything,
        create: (_config, deps) =>
          createMemoryChainAdapter(ledgerWithin(parts)).create({ keys, lag }, deps),
      },
    ],
    dataexchange: [
      {
        type: 'memory',
        configSchema: anything,
        create: async (_config, deps) => {
          const adapter = createMemoryExchangeAdapter(parts.hub)
          const handlers = handlersWithin(life, deps.handlers)
          const exchange = await adapter.create({ peerId }, { ...deps, handlers })
          parts.onCrash(() => exchange[Symbol.asyncDispose]())
          return exchangeWithin(life, parts.forgery ? forge(exchange, parts.forgery) : exchange)
        },
      },
    ],
    sharedstorage: systemAdapters.sharedstorage,
    openDatabase: () => database.open(life),
    openBlobs: async () => blobsWithin(life, blobs),
  }
}

function ledgerWithin({ life, ledger }: LifeParts): LedgerEnd {
  return {
    get blocks() {
      return ledger.blocks
    },
    contracts: ledger.contracts,
    minedCount: (key) => ledger.minedCount(key),
    find: (hash) => ledger.find(hash),
    send: (transaction) => (life.dead ? 'accepted' : ledger.send(transaction)),
    onChange: (listener) => ledger.onChange(() => !life.dead && listener()),
  }
}

const handlersWithin = (life: Life, handlers: ExchangeHandlers): ExchangeHandlers => ({
  message: (...call) => life.into(() => handlers.message(...call)),
  blob: (...call) => life.into(() => handlers.blob(...call)),
  payload: (...call) => life.into(() => handlers.payload(...call)),
  findPayload: (...call) => life.into(() => handlers.findPayload(...call)),
  findBlob: (...call) => life.into(() => handlers.findBlob(...call)),
})

const exchangeWithin = (life: Life, exchange: Exchange): Exchange => ({
  profile: (nodeName) => exchange.profile(nodeName),
  addPeer: (profile) => exchange.addPeer(profile),
  removeCertificate: (id, cert) => exchange.removeCertificate(id, cert),
  peers: () => exchange.peers(),
  sendMessage: (...call) => life.out(() => exchange.sendMessage(...call)),
  sendBlob: (...call) => life.out(() => exchange.sendBlob(...call)),
  sendPayload: (...call) => life.out(() => exchange.sendPayload(...call)),
  fetchPayload: (...call) => life.out(() => exchange.fetchPayload(...call)),
  fetchBatch: (...call) => life.out(() => exchange.fetchBatch(...call)),
  fetchBlob: (...call) => life.out(() => exchange.fetchBlob(...call)),
  ping: (...call) => life.out(() => exchange.ping(...call)),
  [Symbol.asyncDispose]: () => exchange[Symbol.asyncDispose](),
})

const blobsWithin = (life: Life, blobs: BlobStore): BlobStore => ({
  read: (payloadRef, start) => blobs.read(payloadRef, start),
  write: (content) => life.into(() => blobs.write(content)),
  remove: (payloadRef) => life.into(() => blobs.remove(payloadRef)),
  held: (key) => life.into(() => blobs.held(key)),
  append: (key, start, content) => life.into(() => blobs.append(key, start, content)),
  finish: (key, hash) => life.into(() => blobs.finish(key, hash)),
  sweep: (ageMs) => life.into(() => blobs.sweep(ageMs)),
})
