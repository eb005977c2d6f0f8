import { Readable } from 'node:stream'
import { type Group, nodeDid, sha256Hex } from '@concordat/protocol'
import type { Chain, ChainEvent } from '../chain/chain.ts'
import { createEventLog } from '../events/event-log.ts'
import { createMemoryBlobStore } from '../exchange/memory-blobs.ts'
import { Directory } from '../identity/directory.ts'
import { AsyncStack } from '../lib/async-stack.ts'
import { silentLogger } from '../lib/logger.ts'
import { createSystemWorld, type World } from '../lib/world.ts'
import { Datatypes } from '../messages/datatypes.ts'
import { createPayloadStore } from '../storage/payloads.ts'
import type { SharedStorage } from '../storage/storage.ts'
import type { Database } from '../store/database.ts'
import { migrate } from '../store/migrate.ts'
import { openSqlite } from '../store/sqlite.ts'
import type { Absence } from './absence.ts'
import { startAggregator } from './aggregator.ts'
import {
  CREATED,
  NAMESPACE,
  type TestBatch,
  type TestParty,
  type TestPin,
  toEvent,
} from './chain-fixtures.testing.ts'
import { startChainReader } from './chain-reader.ts'
import { Contexts } from './contexts.ts'
import { createDefinitionHandler } from './definitions.ts'
import { createIdentityDefinitions } from './identity-definitions.ts'
import { startIntake } from './intake.ts'
import { BatchCache } from './loaded-batch.ts'
import { createReceiver, readWrapper } from './receiver.ts'
import type { SettledPinHook } from './settled-pin.ts'

/** A chain that tells what it is told, and nothing by itself. */
class Told implements Pick<Chain, 'name' | 'pages'> {
  readonly name = 'told'
  readonly #events: ChainEvent[] = []
  #wake: () => void = () => {}

  tell(pins: readonly TestPin[]): void {
    for (const pin of pins) this.#events.push(toEvent(pin, this.#events.length + 1))
    this.#wake()
  }

  async *pages(_contract: unknown, from: string | null, signal: AbortSignal) {
    for (let at = Number(from ?? 0); ; ) {
      if (at < this.#events.length) {
        const events = this.#events.slice(at)
        at = this.#events.length
        yield { events, checkpoint: String(at) }
        continue
      }
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#wake = resolve
      signal.addEventListener('abort', () => resolve(), { once: true })
      await promise
      signal.throwIfAborted()
    }
  }
}

/** Time stands still: nothing happens but by what is told. */
const stillWorld = (): World => ({
  ...createSystemWorld(),
  sleep: (_ms, signal) =>
    new Promise((_resolve, reject) => {
      signal?.addEventListener('abort', () => reject(new Error('woken')), { once: true })
    }),
})

const unreachable: SharedStorage = {
  publish: () => Promise.reject(new Error('nothing is published here')),
  publishBlob: () => Promise.reject(new Error('nothing is published here')),
  fetch: async () => ({ state: 'unreachable', reason: 'nobody is there' }),
  fetchBlob: async () => ({ state: 'unreachable', reason: 'nobody is there' }),
  async [Symbol.asyncDispose]() {},
}

export interface RecogniserOptions {
  readonly settledPins?: SettledPinHook
  /** Whose recogniser it is; nobody's who is registered if absent. */
  readonly self?: TestParty
}

/** One node's recogniser on a database in memory: what decides, as it runs in a node, fed by hand. */
export class Recogniser implements AsyncDisposable {
  readonly database: Database
  readonly faults: unknown[] = []
  readonly #chain = new Told()
  #running: Awaited<ReturnType<typeof this.run>> | undefined

  readonly #options: RecogniserOptions
  readonly blobs = createMemoryBlobStore(createSystemWorld())

  private constructor(database: Database, options: RecogniserOptions) {
    this.database = database
    this.#options = options
  }

  /** `members` are registered before the first pin. */
  static async open(
    members: readonly TestParty[],
    groups: readonly Group[] = [],
    options: RecogniserOptions = {},
  ): Promise<Recogniser> {
    const database = await openSqlite({ file: ':memory:' })
    await migrate(database, { auto: true, now: CREATED })
    const recogniser = new Recogniser(database, options)
    await database.transaction(async (tx) => {
      const directory = await Directory.load(NAMESPACE, { ...database, transaction: (f) => f(tx) })
      for (const member of members) await registerBefore(directory, tx, member)
      const contexts = new Contexts(NAMESPACE)
      for (const group of groups) await contexts.learn(tx, group, null, CREATED)
    })
    await recogniser.restart()
    return recogniser
  }

  async pin(pins: readonly TestPin[]): Promise<void> {
    this.#chain.tell(pins)
    await quiet()
  }

  /** The payload comes, from shared storage or from its author. */
  async deliver({ author, content, payloadRef }: TestBatch): Promise<void> {
    const { payloads, intake, receiver } = this.#started()
    if (payloadRef === '') {
      const wrapper = readWrapper(content)
      if (wrapper) await receiver.receive(author.peer, wrapper, content)
    } else {
      await payloads.put(payloadRef, content)
      intake.payloadArrived(payloadRef)
    }
    await quiet()
  }

  /** The blob of a data item comes. */
  async blob(dataId: string, content: Uint8Array): Promise<void> {
    const { namespace, aggregator } = this.#started()
    const blob = await this.blobs.write(Readable.from([content]))
    const created = CREATED
    await this.database.transaction(async (tx) => {
      const seq = tx.sequence('blobs', 1)
      await tx.insertMany('blobs', [{ seq, namespace, created, dataId, ...blob }])
    })
    aggregator.retryBlocked('missing_blob')
    await quiet()
  }

  /** Every member that is known says that it does not hold a payload; or of all members. */
  async absent(
    { payloadRef, contexts }: TestBatch,
    kind: Absence['kind'] = 'absent',
  ): Promise<void> {
    const { aggregator } = this.#started()
    aggregator.setAbsent(payloadRef, { kind, at: Number.MAX_SAFE_INTEGER })
    for (const context of contexts) aggregator.touch('broadcast', context)
    await quiet()
  }

  /** What stands still is looked at again. */
  async rewind(): Promise<void> {
    this.#started().aggregator.retryBlocked()
    await quiet()
  }

  blocked() {
    return this.#started().aggregator.blocked()
  }

  directory(): Directory {
    return this.#started().directory
  }

  async restart(): Promise<void> {
    await this.#running?.[Symbol.asyncDispose]()
    this.#running = await this.run()
    await quiet()
  }

  /** Per topic: what became of its messages, in order, as `id state`. */
  async decisions(): Promise<Map<string, string[]>> {
    const rows = await this.database.read
      .selectFrom('events')
      .select(['type', 'reference', 'topic'])
      .where('type', 'in', ['message_confirmed', 'message_rejected'])
      .orderBy('seq')
      .execute()
    const decisions = new Map<string, string[]>()
    for (const { type, reference, topic } of rows) {
      const list = decisions.get(topic ?? '') ?? []
      list.push(`${reference} ${type.slice('message_'.length)}`)
      decisions.set(topic ?? '', list)
    }
    return decisions
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running?.[Symbol.asyncDispose]()
    await this.database[Symbol.asyncDispose]()
  }

  #started() {
    if (!this.#running) throw new Error('the recogniser does not run')
    return this.#running
  }

  protected async run() {
    const { database, faults } = this
    const stack = new AsyncStack()
    const world = stillWorld()
    const note = (fact: object): void => void faults.push(fact)
    const log = { ...silentLogger, error: note }
    const namespace = NAMESPACE
    const payloads = createPayloadStore(database, world)
    const directory = await Directory.load(namespace, database)
    const base = {
      namespace,
      networkName: namespace,
      world,
      log,
      database,
      payloads,
      directory,
      events: await createEventLog({ namespace, database, world }),
      contexts: new Contexts(namespace),
      batches: new BatchCache(namespace, payloads, 20),
      datatypes: new Datatypes(namespace, database),
      verifierType: 'ethereum_address',
      nodeId: () => this.#options.self?.nodeId,
    }
    const identities = createIdentityDefinitions({
      ...base,
      onIdentity: (known) => aggregator.identityRegistered(known),
    })
    const aggregator = startAggregator({
      ...base,
      ...this.#options,
      blobs: this.blobs,
      definitions: createDefinitionHandler({ ...base, identities }),
    })
    stack.use(aggregator)
    const intake = stack.use(
      startIntake({ ...base, storage: unreachable, aggregator, wantBlobs: () => {} }),
    )
    const receiver = createReceiver({ ...base, aggregator, keepPayload: payloads.putIn })
    stack.use(
      startChainReader({
        ...base,
        chain: this.#chain as unknown as Chain,
        contract: { address: '0x00' },
        firstEvent: undefined,
        onPins: (pins) => {
          intake.pins(pins.filter(({ masked }) => masked === 0))
          const masked = pins.filter((pin) => pin.masked === 1)
          if (masked.length > 0) aggregator.maskedPins(masked.map(({ hash }) => hash))
        },
        onNetworkAction: async () => {},
        onFork: note as never,
      }),
    )
    return Object.assign(base, {
      aggregator,
      intake,
      receiver,
      [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
    })
  }
}

async function registerBefore(
  directory: Directory,
  tx: Parameters<Directory['register']>[0],
  party: TestParty,
): Promise<void> {
  const add = async (
    row: { id: string; did: string; type: string; parent: string | null; name: string },
    verifier: { type: string; value: string },
  ): Promise<void> =>
    await directory.register(
      tx,
      {
        seq: tx.sequence('identities', 1),
        namespace: NAMESPACE,
        ...row,
        description: null,
        profile: null,
        claimMessage: null,
        verificationMessage: null,
        updateMessage: null,
        created: CREATED,
        updated: CREATED,
      },
      {
        seq: tx.sequence('verifiers', 1),
        namespace: NAMESPACE,
        hash: sha256Hex(verifier.value),
        identity: row.id,
        ...verifier,
        created: CREATED,
        position: 0,
      },
    )
  const { name, did, id, nodeId, key, peer } = party
  await add({ id, did, type: 'org', parent: null, name }, { type: 'ethereum_address', value: key })
  await add(
    { id: nodeId, did: nodeDid(`${name}-node`), type: 'node', parent: id, name: `${name}-node` },
    { type: 'dx_peer_id', value: peer },
  )
}

/** Resolves when nothing can go on by itself: the database is in memory and time stands still. */
async function quiet(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve))
}
