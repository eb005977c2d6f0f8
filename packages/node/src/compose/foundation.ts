import { nodeDid } from '@concordat/protocol'
import { Contexts } from '../aggregator/contexts.ts'
import { BatchCache } from '../aggregator/loaded-batch.ts'
import type { Chain, Journal } from '../chain/chain.ts'
import type { NodeConfig } from '../config/config.ts'
import type { MultipartyConfig, NamespaceConfig } from '../config/namespaces.ts'
import { createEventLog } from '../events/event-log.ts'
import type { EventLog } from '../events/log.ts'
import type { BlobStore, Exchange, PeerProfile } from '../exchange/exchange.ts'
import type { Outbox } from '../exchange/outbox.ts'
import { Directory } from '../identity/directory.ts'
import type { Logger } from '../lib/logger.ts'
import type { World } from '../lib/world.ts'
import { Datatypes } from '../messages/datatypes.ts'
import { createWaiters, type Waiters } from '../messages/waiters.ts'
import { createOperations, type Operations } from '../operations/operations.ts'
import type { PayloadStore, SharedStorage } from '../storage/storage.ts'
import type { Database } from '../store/database.ts'
import type { Terminated } from '../store/tables/namespaces.ts'
import type { EventTransport } from '../subscribers/transport.ts'
import { type Contracts, createContracts } from './contracts.ts'

/** What a namespace is given: its configuration, and what it shares with the others of its node. */
export interface NamespaceParts {
  readonly config: NodeConfig
  readonly settings: NamespaceConfig
  readonly multiparty: MultipartyConfig
  readonly world: World
  readonly log: Logger
  readonly database: Database
  readonly blobs: BlobStore
  readonly payloads: PayloadStore
  readonly chain: Chain
  readonly journal: Journal
  readonly exchange: Exchange
  readonly outbox: Outbox
  /** Told of each registered peer. */
  readonly onPeer: (profile: PeerProfile) => void
  readonly storage: SharedStorage
  readonly transports: readonly EventTransport[]
  /** Of its first start: RFC 3339. */
  readonly created: string
  /** Contracts that the network has left behind. */
  readonly terminated: Terminated
}

/** What all that runs in a namespace stands on: what it knows, and what it was given. */
export interface Foundation extends NamespaceParts {
  /** Local name. */
  readonly namespace: string
  readonly networkName: string
  readonly verifierType: string
  readonly contracts: Contracts
  readonly directory: Directory
  readonly events: EventLog
  readonly waiters: Waiters
  readonly operations: Operations
  readonly datatypes: Datatypes
  readonly contexts: Contexts
  readonly batches: BatchCache
  /** Our node's identity, once registered. */
  readonly nodeId: () => string | undefined
  /** Our id on the exchange, `peerId/nodeName`. */
  readonly peerId: () => string
}

export async function layFoundation(parts: NamespaceParts): Promise<Foundation> {
  const { multiparty, world, database, chain, exchange } = parts
  const namespace = parts.settings.name
  const log = parts.log.child({ namespace })
  const directory = await Directory.load(namespace, database)
  const events = await createEventLog({
    namespace,
    database,
    world,
    onListenerError: (err) => log.error({ err }, 'a listener failed'),
  })
  const nodeName = multiparty.node.name
  return {
    ...parts,
    log,
    namespace,
    networkName: multiparty.networkNamespace,
    verifierType: chain.verifierType,
    contracts: createContracts(namespace, multiparty.contract, parts.terminated),
    directory,
    events,
    waiters: createWaiters(events, world),
    operations: createOperations(namespace, world),
    datatypes: new Datatypes(namespace, database),
    contexts: new Contexts(namespace),
    batches: new BatchCache(namespace, parts.payloads),
    nodeId: () => directory.byDid(nodeDid(nodeName))?.row.id,
    peerId: () => exchange.profile(nodeName).id,
  }
}
