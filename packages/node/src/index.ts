export type { Chain, ChainDeps } from './chain/chain.ts'
export { deployContract } from './chain/evm/deploy.ts'
export { readProfile } from './chain/evm/profile.ts'
export { createRpc } from './chain/evm/rpc.ts'
export {
  createMemoryAdapter as createMemoryChainAdapter,
  type MemoryConfig,
} from './chain/memory/index.ts'
export {
  createMemoryLedger,
  type LedgerEnd,
  type LedgerTransaction,
  type MemoryLedger,
} from './chain/memory/ledger.ts'
export { chains } from './chain/registry.ts'
export { type Adapters, systemAdapters } from './compose/adapters.ts'
export { type Core, type CoreOptions, startCore } from './compose/core.ts'
export type { NamespaceRuntime } from './compose/namespace-runtime.ts'
export {
  type ConfigResult,
  configReference,
  faultsToText,
  type NodeConfig,
} from './config/config.ts'
export { loadConfig, parseConfigText, readConfig } from './config/load.ts'
export { createLogger } from './config/log.ts'
export type { AdapterSchemas } from './config/table-plugins.ts'
export type { BlobStore, Exchange, ExchangeDeps, ExchangeHandlers } from './exchange/exchange.ts'
export { createMemoryHub, type HubConditions, type MemoryHub } from './exchange/memory/hub.ts'
export { createMemoryAdapter as createMemoryExchangeAdapter } from './exchange/memory/index.ts'
export { seedOfParty } from './exchange/memory/memory-exchange.ts'
export { createMemoryBlobStore } from './exchange/memory-blobs.ts'
export { ensureCertificate } from './exchange/mtls/certificate.ts'
export { exchanges } from './exchange/registry.ts'
export { createKeystore, openKeystore } from './identity/signers/keystore.ts'
export { createLocalSigner } from './identity/signers/local-signer.ts'
export { openSigner } from './identity/signers/signers.ts'
export { AsyncStack } from './lib/async-stack.ts'
export { type Logger, silentLogger } from './lib/logger.ts'
export { uuidV7 } from './lib/uuid.ts'
export type { World } from './lib/world.ts'
export { createSystemWorld } from './lib/world.ts'
export { type KnownSoFar, readKnown } from './registry.ts'
export { type RunningNode, type StartOptions, startNode } from './start.ts'
export { storages } from './storage/registry.ts'
export type { Database, Transaction } from './store/database.ts'
export { createKysely } from './store/runner-dialect.ts'
export { MEMORY, SqliteWriter } from './store/sqlite-writer.ts'
export { Writer, type WriterConnection } from './store/writer.ts'
