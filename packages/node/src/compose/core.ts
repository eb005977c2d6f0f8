import { join } from 'node:path'
import { formatTime, NodeError, padTime, trimTime } from '@concordat/protocol'
import type { Chain, Journal, Receipt } from '../chain/chain.ts'
import type { NodeConfig, PluginConfig } from '../config/config.ts'
import type { NamespaceConfig } from '../config/namespaces.ts'
import type { BlobStore, Exchange, Seed } from '../exchange/exchange.ts'
import { createOutbox, type Outbox } from '../exchange/outbox.ts'
import { seedToRecipient } from '../exchange/outbox-sender.ts'
import { AsyncStack } from '../lib/async-stack.ts'
import type { Logger } from '../lib/logger.ts'
import type { World } from '../lib/world.ts'
import { createOperations, type OperationUpdate } from '../operations/operations.ts'
import { createPayloadStore } from '../storage/payloads.ts'
import type { PayloadStore, SharedStorage } from '../storage/storage.ts'
import type { Database, Transaction } from '../store/database.ts'
import { noticeDiskFailures } from '../store/disk-failure.ts'
import { migrate } from '../store/migrate.ts'
import type { OutboxRow } from '../store/schema.ts'
import { keepNamespace, terminatedOf } from '../store/tables/namespaces.ts'
import type { EventTransport } from '../subscribers/transport.ts'
import { type Adapters, adapterOf } from './adapters.ts'
import { createExchangeRouter } from './exchange-router.ts'
import { startGateway } from './gateway.ts'
import { createGreeting } from './greeting.ts'
import { createJournal } from './journal.ts'
import {
  type NamespaceRuntime,
  type RunningNamespace,
  startNamespace,
} from './namespace-runtime.ts'
import { putOff } from './put-off.ts'

export interface CoreOptions {
  readonly world: World
  readonly log: Logger
  readonly adapters: Adapters
  readonly transports: readonly EventTransport[]
}

/** A node without its servers: what decides. Commands go in through the namespaces. */
export interface Core extends AsyncDisposable {
  readonly database: Database
  /** Resolves when the disk fails: then nothing more can be kept. */
  readonly failed: Promise<NodeError>
  readonly namespaces: readonly RunningNamespace[]
  /** Those of them that are shared with others. */
  readonly networks: readonly NamespaceRuntime[]
}

interface Parts extends CoreOptions {
  readonly config: NodeConfig
  readonly database: Database
  readonly blobs: BlobStore
  readonly payloads: PayloadStore
  /** In the order of the configuration. */
  readonly namespaces: RunningNamespace[]
  /** Those of a network. */
  readonly runtimes: NamespaceRuntime[]
  readonly stack: AsyncStack
}

/** Opens the database, connects to chains and peers, and starts every namespace. Whatever opened is closed when one part fails. */
export async function startCore(config: NodeConfig, options: CoreOptions): Promise<Core> {
  const { world, adapters } = options
  await using stack = new AsyncStack()
  const { promise: failed, resolve: fail } = Promise.withResolvers<NodeError>()
  const opened = stack.use(await adapters.openDatabase(config.database, world))
  const database = noticeDiskFailures(opened, fail)
  const auto = config.database.type === 'sqlite3' || config.database.config.migrations.auto
  await migrate(database, { auto, now: padTime(formatTime(world.now())) })
  const blobs = await adapters.openBlobs(join(config.dataDir, 'blobs'), world)
  const parts: Parts = {
    ...options,
    config,
    database,
    blobs,
    payloads: createPayloadStore(database, world),
    namespaces: [],
    runtimes: [],
    stack,
  }

  const chains = new Map<string, { chain: Chain; journal: Journal }>()
  for (const plugin of config.plugins.blockchain)
    chains.set(plugin.name, await openChain(parts, plugin))
  const exchanges = new Map<string, OpenExchange>()
  for (const plugin of config.plugins.dataexchange)
    exchanges.set(plugin.name, await openExchange(parts, plugin))
  for (const namespace of config.namespaces)
    await openNamespace(parts, namespace, chains, exchanges)
  for (const { open } of exchanges.values()) open()

  const owned = stack.move()
  return {
    database,
    failed,
    namespaces: parts.namespaces,
    networks: parts.runtimes,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

async function openChain(
  { world, log, database, adapters, stack, config: { namespaces } }: Parts,
  { name, type, config }: PluginConfig,
): Promise<{ chain: Chain; journal: Journal }> {
  const journal = createJournal(database, name, world)
  const names = namespaces.map((namespace) => namespace.name)
  const adapter = adapterOf(adapters.blockchain, type)
  const chain = await adapter.create(config as never, {
    world,
    log: log.child({ chain: name }),
    journal,
    settled: (receipts) => settle({ database, world, names }, receipts),
  })
  return { chain: stack.use(chain), journal }
}

/** Transactions that ended, written to their operations. */
async function settle(
  { database, world, names }: { database: Database; world: World; names: readonly string[] },
  receipts: readonly Receipt[],
): Promise<void> {
  await database.transaction(async (tx) => {
    for (const receipt of receipts) {
      const row = await tx.db
        .selectFrom('operations')
        .select('namespace')
        .where('namespace', 'in', names)
        .where('id', '=', receipt.id)
        .executeTakeFirst()
      if (!row) continue
      const { transactionHash } = receipt
      const output =
        transactionHash === undefined
          ? {}
          : {
              output: {
                transactionHash,
                ...(receipt.status === 'succeeded' && { protocolId: receipt.protocolId }),
              },
            }
      const update: OperationUpdate =
        receipt.status === 'succeeded'
          ? { id: receipt.id, status: 'Succeeded', ...output }
          : { id: receipt.id, status: 'Failed', error: receipt.error, ...output }
      await createOperations(row.namespace, world).update(tx, [update])
    }
  })
}

interface OpenExchange {
  readonly exchange: Exchange
  readonly outbox: Outbox
  /** Lets peers in, and sends: when all namespaces are there. */
  readonly open: () => void
  readonly seeds: readonly Seed[]
  /** Of registered peers: they need no seed any more. */
  readonly endpoints: Set<string>
}

async function openExchange(parts: Parts, plugin: PluginConfig): Promise<OpenExchange> {
  const { world, database, payloads, runtimes, adapters, stack } = parts
  const log = parts.log.child({ exchange: plugin.name })
  let isOpen = false
  const exchange = await adapterOf(adapters.dataexchange, plugin.type).create(
    plugin.config as never,
    {
      world,
      log,
      blobs: parts.blobs,
      dataDir: join(parts.config.dataDir, plugin.name),
      handlers: {
        ...putOff(
          createExchangeRouter({ log, database, payloads, namespaces: () => runtimes }),
          () => isOpen,
        ),
        heard: ({ nodes }) => {
          if (isOpen) for (const node of nodes) outbox.heard(node)
        },
      },
    },
  )
  stack.use(exchange)
  const runtime = (name: string): NamespaceRuntime | undefined =>
    runtimes.find((each) => each.name === name)
  const update = async (
    tx: Transaction,
    row: OutboxRow,
    change: Omit<OperationUpdate, 'id'>,
  ): Promise<void> => {
    if (row.kind === 'message')
      await runtime(row.namespace)?.operationRows.update(tx, [{ id: row.id, ...change }])
  }
  const outbox = createOutbox({
    database,
    exchange,
    world,
    log,
    payloads,
    sender: (name) => runtime(name)?.peerId() ?? '',
    networkName: (name) => runtime(name)?.networkName ?? name,
    onDelivered: async (rows, tx) => {
      for (const row of rows) await update(tx, row, { status: 'Succeeded' })
    },
    onFailed: async (row, error, tx) =>
      await update(tx, row, { status: 'Failed', error: error.message }),
  })
  stack.use(outbox.stage)
  const greeting = stack.use(createGreeting(exchange, world))
  const open = (): void => {
    isOpen = true
    outbox.open()
    greeting.send()
  }
  return { exchange, outbox, open, seeds: seedsOf(plugin), endpoints: new Set() }
}

const seedsOf = ({ config }: PluginConfig): readonly Seed[] =>
  (config as { readonly seeds?: readonly Seed[] }).seeds ?? []

async function openNamespace(
  parts: Parts,
  namespace: NamespaceConfig,
  chains: ReadonlyMap<string, { chain: Chain; journal: Journal }>,
  exchanges: ReadonlyMap<string, OpenExchange>,
): Promise<void> {
  const { multiparty, plugins } = namespace
  const on = chains.get(plugins.blockchain ?? '')
  const via = exchanges.get(plugins.dataexchange ?? '')
  const sharedStorage = parts.config.plugins.sharedstorage.find(
    ({ name }) => name === plugins.sharedstorage,
  )
  const row = await parts.database.transaction((tx) =>
    keepNamespace(tx, { name: namespace.name, now: padTime(formatTime(parts.world.now())) }),
  )
  const shared = { ...parts, settings: namespace, created: trimTime(row.created) }
  if (!multiparty) {
    const gateway = await startGateway({ ...shared, chain: on?.chain })
    parts.namespaces.push(parts.stack.use(gateway))
    return
  }
  if (!on || !via || !sharedStorage)
    throw new NodeError('FF10391', {
      namespace: namespace.name,
      type: 'blockchain, dataexchange or sharedstorage',
    })
  const runtime = await startNamespace({
    ...shared,
    ...on,
    multiparty,
    terminated: terminatedOf(row),
    exchange: via.exchange,
    onPeer: ({ endpoint }) => via.endpoints.add(endpoint),
    outbox: via.outbox,
    storage: parts.stack.use(await openStorage(parts, namespace, sharedStorage, via)),
  })
  parts.runtimes.push(parts.stack.use(runtime))
  parts.namespaces.push(runtime)
}

async function openStorage(
  parts: Parts,
  { name }: NamespaceConfig,
  plugin: PluginConfig,
  { exchange, outbox, seeds, endpoints }: OpenExchange,
): Promise<SharedStorage> {
  const { world, database, payloads, blobs } = parts
  return await adapterOf(parts.adapters.sharedstorage, plugin.type).create(plugin.config as never, {
    world,
    log: parts.log.child({ storage: plugin.name }),
    payloads,
    blobs,
    exchange,
    seeds,
    findBlob: async (hash) =>
      await database.read
        .selectFrom('blobs')
        .select(['payloadRef', 'size'])
        .where('hash', '=', hash)
        .executeTakeFirst(),
    push: async (tx, ref) => {
      const strangers = seeds.filter(({ url }) => !endpoints.has(url))
      const recipients = [...exchange.peers(), ...strangers.map(seedToRecipient)]
      await outbox.enqueue(
        tx,
        recipients.map((recipient) => ({
          namespace: name,
          id: world.uuid(),
          recipient,
          kind: 'payload',
          ref,
        })),
      )
    },
    transaction: database.transaction,
  })
}
