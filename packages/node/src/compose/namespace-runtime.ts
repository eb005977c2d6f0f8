import { type BatchPayload, formatTime, nodeDid, orgDid, padTime } from '@concordat/protocol'
import { startAggregator } from '../aggregator/aggregator.ts'
import { startChainReader } from '../aggregator/chain-reader.ts'
import { Contexts, membersOf } from '../aggregator/contexts.ts'
import { createDefinitionHandler } from '../aggregator/definitions.ts'
import { createIdentityDefinitions } from '../aggregator/identity-definitions.ts'
import { type Intake, startIntake } from '../aggregator/intake.ts'
import { BatchCache, toLoadedBatch } from '../aggregator/loaded-batch.ts'
import { createReceiver, type Receiver, readWrapper } from '../aggregator/receiver.ts'
import { startAssembler } from '../batch/assembler.ts'
import { startDispatcher } from '../batch/dispatcher.ts'
import type { Recipient, RecipientsOf } from '../batch/plan.ts'
import type { Chain, Journal } from '../chain/chain.ts'
import type { NodeConfig } from '../config/config.ts'
import type { MultipartyConfig, NamespaceConfig } from '../config/namespaces.ts'
import { createEventLog } from '../events/event-log.ts'
import type { BlobStore, Exchange, PeerProfile } from '../exchange/exchange.ts'
import type { Outbox } from '../exchange/outbox.ts'
import { Directory, type KnownIdentity } from '../identity/directory.ts'
import { AsyncStack } from '../lib/async-stack.ts'
import { startDeadline } from '../lib/deadline.ts'
import type { Logger } from '../lib/logger.ts'
import type { World } from '../lib/world.ts'
import { createDataEngine } from '../messages/data-engine.ts'
import { Datatypes } from '../messages/datatypes.ts'
import { Groups } from '../messages/groups.ts'
import { createInlineData } from '../messages/inline-data.ts'
import { createMessageEngine } from '../messages/message-engine.ts'
import { createWaiters } from '../messages/waiters.ts'
import { createMessageWriter } from '../messages/writer.ts'
import type { Namespace } from '../namespace.ts'
import { createNetworkEngine } from '../network/network-engine.ts'
import { createOperationEngine } from '../operations/operation-engine.ts'
import { createOperations, type Operations } from '../operations/operations.ts'
import type { PayloadStore, SharedStorage } from '../storage/storage.ts'
import type { Database, Transaction } from '../store/database.ts'
import type { BlobRow, PinRow } from '../store/schema.ts'
import { createSubscribers, type Subscribers } from '../subscribers/subscribers.ts'
import type { EventTransport } from '../subscribers/transport.ts'
import { createBlobFetcher } from './blob-fetcher.ts'
import { createFreshData } from './fresh-data.ts'
import { toBlockedTopics, toMultipartyStatus, toStatus } from './status.ts'

export interface RuntimeDeps {
  readonly config: NodeConfig
  readonly namespace: NamespaceConfig
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
  readonly created: string
}

/** A namespace with everything that runs for it. */
export interface NamespaceRuntime extends Namespace, AsyncDisposable {
  readonly receiver: Receiver
  readonly intake: Intake
  readonly subscribers: Subscribers
  readonly operationRows: Operations
  /** Our id on the exchange, `peerId/nodeName`. */
  peerId(): string
  blobArrived(blob: Pick<BlobRow, 'dataId' | 'hash' | 'size' | 'payloadRef'>): Promise<void>
}

/** Puts one namespace of a network together, and starts it. Everything is disposed in reverse. */
export async function startNamespace(deps: RuntimeDeps): Promise<NamespaceRuntime> {
  const { config, database, world, chain, exchange, multiparty, outbox, payloads } = deps
  const { name } = deps.namespace
  const networkName = multiparty.networkNamespace
  const log = deps.log.child({ namespace: name })
  const nodeName = multiparty.node.name
  const contract = multiparty.contract[0] ?? { location: { address: '' }, firstEvent: 'oldest' }
  await using stack = new AsyncStack()
  let state: Namespace['state'] = { kind: 'ready' }

  const directory = await Directory.load(name, database)
  const events = await createEventLog({
    namespace: name,
    database,
    world,
    onListenerError: (err) => log.error({ err }, 'a listener failed'),
  })
  const waiters = stack.use(createWaiters(events, world))
  const operations = createOperations(name, world)
  const datatypes = new Datatypes(name, database)
  const contexts = new Contexts(name)
  const batches = new BatchCache(name, payloads)
  const freshData = createFreshData()
  const nodeId = (): string | undefined => directory.byDid(nodeDid(nodeName))?.row.id
  const peerId = (): string => exchange.profile(nodeName).id

  const addPeer = ({ row }: KnownIdentity): void => {
    const profile =
      row.type === 'node' && row.did !== nodeDid(nodeName) ? toPeerProfile(row.profile) : undefined
    if (!profile) return
    exchange.addPeer(profile)
    deps.onPeer(profile)
    outbox.nudge(profile.id)
  }
  for (const node of directory.nodes()) addPeer(node)

  const aggregator = startAggregator({
    namespace: name,
    world,
    log,
    database,
    events,
    directory,
    verifierType: chain.verifierType,
    batches,
    datatypes,
    definitions: createDefinitionHandler({
      namespace: name,
      world,
      datatypes,
      identities: createIdentityDefinitions({
        namespace: name,
        directory,
        verifierType: chain.verifierType,
        onIdentity: (known) => {
          addPeer(known)
          aggregator.identityRegistered(known)
        },
      }),
    }),
  })
  stack.use(aggregator)

  const blobFetcher = stack.use(
    createBlobFetcher({
      namespace: name,
      world,
      log,
      database,
      storage: deps.storage,
      onBlob: (blob) => blobArrived(blob),
    }),
  )
  const intake = stack.use(
    startIntake({
      namespace: name,
      networkName,
      world,
      log,
      database,
      storage: deps.storage,
      payloads,
      batches,
      aggregator,
      wantBlobs: (batch: BatchPayload) => blobFetcher.want(batch),
    }),
  )
  const receiver = createReceiver({
    namespace: name,
    networkName,
    world,
    log,
    database,
    events,
    directory,
    contexts,
    batches,
    aggregator,
    nodeId,
    keepPayload: payloads.putIn,
  })

  async function blobArrived({
    dataId,
    hash,
    size,
    payloadRef,
  }: Pick<BlobRow, 'dataId' | 'hash' | 'size' | 'payloadRef'>): Promise<void> {
    await database.transaction(async (tx) => {
      const here = await tx.db
        .selectFrom('blobs')
        .select('seq')
        .where('namespace', '=', name)
        .where('dataId', '=', dataId)
        .where('hash', '=', hash)
        .executeTakeFirst()
      if (here) return
      const created = padTime(formatTime(world.now()))
      await tx.insertMany('blobs', [
        { seq: tx.sequence('blobs', 1), namespace: name, hash, size, payloadRef, created, dataId },
      ])
      tx.onCommit(() => aggregator.retryBlocked('missing_blob'))
    })
  }

  const recipientsOf = createRecipients(name, directory, nodeId)
  const signer = {
    namespace: name,
    directory,
    chain,
    rootOrg: { name: multiparty.org.name, key: multiparty.org.key },
    defaultKey: deps.namespace.defaultKey || undefined,
  }
  const common = {
    namespace: name,
    networkName,
    world,
    log,
    database,
    events,
    operations,
    recipientsOf,
    freshData,
    keepPayload: payloads.putIn,
    enqueue: outbox.enqueue,
    follow: (tx: Transaction, groupHash: string, topics: readonly string[]) =>
      contexts.follow(tx, groupHash, topics),
    publishIn: deps.storage.publishIn,
  }
  const assembler = startAssembler(
    {
      maxMessages: config.broadcast.batch.size,
      maxBytes: config.broadcast.batch.payloadLimit,
      lingerMs: Math.min(config.broadcast.batch.timeout, 100),
      maxInFlight: config.batch.inFlight,
    },
    { ...common, nodeId, onSealed: (sealed) => dispatcher.offer(sealed) },
  )
  const dispatcher = startDispatcher({
    ...common,
    chain,
    contract: () => contract.location,
    storage: deps.storage,
    onReady: ({ batch, messages, payload }) => {
      if (!payload) return
      const slots = messages.map(({ seq }) => ({ seq, final: false }))
      batches.put(
        { batch: batch.id, batchHash: batch.hash, payloadRef: batch.payloadRef },
        toLoadedBatch(payload, slots),
      )
    },
    onSent: ({ author, groupHash, txType }) =>
      assembler.released({ author, groupHash, txtype: txType }),
    isSigned: async (id) => (await deps.journal.find(id)) !== undefined,
  })
  stack.use(dispatcher)
  stack.use(assembler)

  const writer = createMessageWriter({
    namespace: name,
    database,
    world,
    onWritten: (written, data) => {
      freshData.put(data)
      assembler.offer(written)
    },
  })
  const inlineData = createInlineData({ namespace: name, database, datatypes })
  const messages = createMessageEngine({
    namespace: name,
    networkName,
    world,
    database,
    signer,
    groups: new Groups({
      namespace: name,
      networkName,
      database,
      directory,
      rootOrg: orgDid(multiparty.org.name),
      node: nodeDid(nodeName),
    }),
    inlineData,
    writer,
    waiters,
    limits: {
      broadcast: config.broadcast.batch.payloadLimit,
      private: config.privatemessaging.batch.payloadLimit,
    },
    maxWaiting: 20_000,
  })

  stack.use(
    startChainReader({
      namespace: name,
      world,
      log,
      database,
      events,
      chain,
      contract: contract.location,
      firstEvent: contract.firstEvent,
      onPins: (pins) => {
        const open = pins.filter(({ masked }) => masked === 0)
        if (open.length > 0) intake.pins(open)
        const masked = pins.filter((pin) => pin.masked === 1)
        if (masked.length > 0) aggregator.maskedPins(masked.map(({ hash }) => hash))
      },
      onNetworkAction: async () => {},
      onFork: (reason) => {
        state = { kind: 'stopped', reason }
      },
    }),
  )

  const wait = { confirm: false, timeoutMs: 0, signal: AbortSignal.abort() }
  const subscribers = stack.use(
    await createSubscribers({
      namespace: name,
      database,
      log: events,
      world,
      logger: log,
      transports: deps.transports,
      defaultTransport: config.event.transports.default,
      defaults: {
        batchSize: config.subscription.defaults.batchSize,
        batchTimeoutMs: config.subscription.defaults.batchTimeout,
      },
      maxSubscriptions: config.subscription.max,
      sendReply: async (message) =>
        void (await (message.header?.group
          ? messages.sendPrivate(message, wait)
          : messages.broadcast(message, wait))),
    }),
  )

  const requestPrivate = async (pin: PinRow): Promise<void> => {
    for (const peer of exchange.peers()) {
      const deadline = startDeadline(world, 30_000)
      const content = await exchange
        .fetchBatch(peer, pin.batchHash, MAX_BATCH, deadline.signal)
        .catch(() => undefined)
        .finally(() => deadline.abort())
      const wrapper = content && readWrapper(content)
      const owner = wrapper?.batch.node
        ? directory.byId(wrapper.batch.node)?.verifier.value
        : undefined
      if (
        content &&
        wrapper &&
        owner &&
        wrapper.batch.hash === pin.batchHash &&
        (await receiver.receive(owner, wrapper, content)) === 'accepted'
      )
        return
    }
  }

  const facts = {
    namespace: {
      name,
      networkName,
      description: deps.namespace.description,
      created: deps.created,
    },
    directory,
    party: { org: multiparty.org, node: multiparty.node },
    plugins: pluginsOf(config, deps.namespace),
    contract: { address: contract.location.address, firstEvent: contract.firstEvent, version: 2 },
  }
  const owned = stack.move()
  return {
    ...facts.namespace,
    multiparty: true,
    get state() {
      return state
    },
    messages,
    data: createDataEngine({
      namespace: name,
      world,
      database,
      blobs: deps.blobs,
      storage: deps.storage,
      inlineData,
      messages,
      signer,
      waiters,
    }),
    network: createNetworkEngine({
      namespace: name,
      world,
      chain,
      directory,
      messages,
      waiters,
      party: facts.party,
      profile: () => exchange.profile(nodeName),
      submitAction: submitAction(deps, contract.location),
    }),
    operations: createOperationEngine({
      namespace: name,
      database,
      operations,
      dispatcher,
      intake,
      aggregator,
      requestPrivate,
    }),
    subscriptions: subscribers.subscriptions,
    events,
    database,
    status: async () => toStatus(facts),
    batchManagerStatus: () => ({
      processors: [...assembler.processors.values()].map(toProcessorStatus),
    }),
    multipartyStatus: () => toMultipartyStatus(facts, database),
    blocked: () => toBlockedTopics(name, aggregator.blocked(), subscribers.paused(), database),
    receiver,
    intake,
    subscribers,
    operationRows: operations,
    peerId,
    blobArrived,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

const MAX_BATCH = 16 * 1024 * 1024

const submitAction =
  ({ chain, multiparty, world }: RuntimeDeps, contract: { address: string }) =>
  async (action: string): Promise<void> =>
    await chain.submit({
      id: world.uuid(),
      key: chain.normaliseKey(multiparty.org.key),
      contract,
      method: 'networkAction',
      action,
      payload: '',
    })

function toPeerProfile(profile: string | null): PeerProfile | undefined {
  const { id, endpoint, cert } = JSON.parse(profile ?? '{}') as Partial<
    Record<keyof PeerProfile, unknown>
  >
  return typeof id === 'string' && typeof endpoint === 'string' && typeof cert === 'string'
    ? { id, endpoint, cert }
    : undefined
}

/** The other nodes of a group: what is known of them may change until all are registered, so only whole answers are kept. */
function createRecipients(
  namespace: string,
  directory: Directory,
  nodeId: () => string | undefined,
): RecipientsOf {
  const known = new Map<string, Recipient[]>()
  return async ({ db }, groupHash) => {
    const found = known.get(groupHash)
    if (found) return found
    const row = await db
      .selectFrom('groups')
      .selectAll()
      .where('namespace', '=', namespace)
      .where('hash', '=', groupHash)
      .executeTakeFirst()
    const nodes = row
      ? [...new Set(membersOf(row).map(({ node }) => node))].filter((node) => node !== nodeId())
      : []
    const recipients = nodes.flatMap((node) => {
      const peer = directory.byId(node)?.verifier.value
      return peer === undefined ? [] : [{ node, peer }]
    })
    if (row && recipients.length === nodes.length) known.set(groupHash, recipients)
    return recipients
  }
}

function pluginsOf({ plugins, database }: NodeConfig, { plugins: used }: NamespaceConfig) {
  const named = (list: readonly { name: string; type: string }[], name: string | undefined) =>
    list
      .filter((plugin) => plugin.name === name)
      .map(({ type }) => ({ name: name ?? '', pluginType: type }))
  return {
    blockchain: named(plugins.blockchain, used.blockchain),
    database: [{ name: database.name, pluginType: database.type }],
    dataExchange: named(plugins.dataexchange, used.dataexchange),
    events: [{ pluginType: 'websockets' }, { pluginType: 'webhooks' }, { pluginType: 'system' }],
    identity: [],
    sharedStorage: named(plugins.sharedstorage, used.sharedstorage),
    tokens: [],
  }
}

const toProcessorStatus = ({
  name,
  totalBatches,
  totalMessages,
}: {
  name: string
  totalBatches: number
  totalMessages: number
}) => ({
  dispatcher: name.split('|')[0] ?? '',
  name: name.split('|').slice(1).join('|'),
  status: {
    lastFlushStartTime: null,
    cancelled: false,
    blocked: false,
    averageBatchBytes: 0,
    averageBatchMessages: totalBatches === 0 ? 0 : totalMessages / totalBatches,
    averageBatchData: 0,
    averageFlushTimeMS: 0,
    totalBatches,
    totalErrors: 0,
  },
})
