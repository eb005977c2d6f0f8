import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { type Message, NodeError, RawJson } from '@concordat/protocol'
import { silentLogger } from '../lib/logger.ts'
import { createSystemWorld } from '../lib/world.ts'
import type { DataCommands, Namespace } from '../namespace.ts'
import type { Database } from '../store/database.ts'
import { migrate } from '../store/migrate.ts'
import { openSqlite } from '../store/sqlite.ts'
import type { TaskCommands } from '../tasks/tasks.ts'
import type { Auth } from './auth.ts'
import { type ApiConfig, type ApiServer, createApiServer } from './server.ts'
import type { WebSocketDoor } from './websocket-door.ts'

/** What a test namespace was asked to do, in order: command and arguments. */
export type Calls = (readonly [command: string, ...args: unknown[]])[]

export const HASH = 'ab'.repeat(32)
export const CREATED = '2024-01-01T00:00:00.000000000Z'
export const ID = '11111111-1111-4111-8111-111111111111'

export const testConfig: ApiConfig = {
  defaultNamespace: 'default',
  defaultFilterLimit: 25,
  maxFilterLimit: 1000,
  requestTimeout: 120_000,
  requestMaxTimeout: 600_000,
  maxBodySize: 1024 * 1024,
  maxBlobSize: 1024 * 1024 * 1024,
  maxChartRows: 100,
  publicURL: '',
  shutdownTimeout: 1000,
}

export const testMessage = (input: { readonly header?: object } = {}): Message => ({
  header: {
    id: ID,
    type: 'broadcast',
    author: 'did:firefly:org/acme',
    key: '0x1',
    created: '2024-01-01T00:00:00Z',
    namespace: 'default',
    topics: ['default'],
    datahash: HASH,
    ...input.header,
  },
  localNamespace: 'default',
  hash: HASH,
  state: 'ready',
  data: [],
})

const at = '2024-01-01T00:00:00Z'
const sample = {
  data: { id: ID, validator: 'json', hash: HASH, created: at },
  identity: {
    id: ID,
    did: 'did:firefly:org/acme',
    type: 'org',
    namespace: 'default',
    name: 'acme',
    messages: { claim: null, verification: null, update: null },
  },
  operation: {
    id: ID,
    namespace: 'default',
    tx: ID,
    type: 'blockchain_pin_batch',
    status: 'Pending',
    plugin: 'evm',
    created: at,
    updated: at,
  },
  flow: {
    hash: HASH,
    name: 'approval',
    version: '1.0.0',
    state: 'loaded',
    author: 'did:firefly:org/acme',
    message: ID,
    created: at,
    adoptedBy: [],
    definition: new RawJson('{}'),
  },
  process: {
    id: ID,
    flow: HASH,
    name: 'approval',
    version: '1.0.0',
    group: HASH,
    topic: `ffp-${ID}`,
    creator: 'did:firefly:org/acme',
    message: ID,
    status: 'running',
    parties: {},
    awaited: [],
    stages: {},
    state: new RawJson('{}'),
    deadlines: {},
    operations: {},
    n: 0,
    hash: HASH,
    clock: at,
    created: at,
    updated: at,
  },
  decision: { process: ID, n: 1, verdict: 'accepted', step: 'ask', time: at, hash: HASH },
  task: {
    id: ID,
    process: ID,
    flow: HASH,
    name: 'approval',
    version: '1.0.0',
    step: 'ask',
    party: 'did:firefly:org/acme',
    state: 'open',
    since: 0,
    created: at,
    updated: at,
  },
  subscription: {
    id: ID,
    namespace: 'default',
    name: 'sub',
    transport: 'websockets',
    filter: {},
    options: {},
    created: at,
  },
  batch: {
    id: ID,
    type: 'broadcast',
    namespace: 'default',
    created: at,
    author: 'a',
    key: 'k',
    hash: HASH,
    tx: { type: 'batch_pin', id: ID },
  },
}

const noPlugins = {
  blockchain: [],
  database: [],
  dataExchange: [],
  events: [],
  identity: [],
  sharedStorage: [],
  tokens: [],
}

/** Notes a call, and resolves what is given. */
const noteIn =
  (calls: Calls) =>
  <T>(command: string, result: T) =>
  async (...args: unknown[]): Promise<T> => {
    calls.push([command, ...args])
    return result
  }

function testData(calls: Calls): DataCommands {
  const note = noteIn(calls)
  return {
    upload: async (input) => {
      calls.push(['upload', input])
      return { ...sample.data, ...(input.value && { value: input.value }) }
    },
    uploadBlob: async (fields, blob) => {
      const bytes = await buffer(Readable.from(blob.content))
      calls.push(['uploadBlob', fields, blob.filename, blob.mimetype, bytes.length])
      return { ...sample.data, blob: { hash: HASH, size: bytes.length, name: blob.filename ?? '' } }
    },
    readBlob: async (id) => {
      if (id !== ID) throw new NodeError('FF10241')
      return { content: Readable.from([Buffer.from('blob bytes')]), hash: HASH, size: 10 }
    },
    publishValue: note('publishValue', sample.data),
    publishBlob: note('publishBlob', sample.data),
    remove: note('remove', undefined),
    createDatatype: async ({ name = '', version = '', value }) => {
      calls.push(['createDatatype', name, version, value])
      return { ...sample.data, name, version, value: new RawJson(value) }
    },
  }
}

function testCommands(calls: Calls) {
  const note = noteIn(calls)
  return {
    messages: {
      broadcast: async (input, wait) => {
        calls.push(['broadcast', input, wait.confirm])
        return testMessage(input)
      },
      sendPrivate: note('private', testMessage()),
      requestReply: note('requestReply', { ...testMessage(), data: [] }),
    },
    data: testData(calls),
    network: {
      registerOrganization: note('registerOrganization', sample.identity),
      registerNode: note('registerNode', sample.identity),
      registerIdentity: note('registerIdentity', sample.identity),
      updateIdentity: note('updateIdentity', sample.identity),
      action: note('action', { type: 'terminate' }),
      resolveVerifier: ({ value }) => ({ type: 'ethereum_address', value: value.toLowerCase() }),
    },
    operations: {
      retry: note('retry', sample.operation),
      cancelBatch: note('cancelBatch', sample.batch),
      rewind: note('rewind', { sequence: 0 }),
      requestPayload: note('requestPayload', undefined),
    },
    processes: {
      exportSteps: () => piecesOf('{}\n'),
      importSteps: () => piecesOf({ line: 1, status: 'sent' as const }),
      propose: note('propose', sample.flow),
      adopt: note('adopt', sample.flow),
      create: note('createProcess', sample.process),
      submit: note('submit', { process: ID, step: 'ask', intent: 'once', message: ID }),
      tryOut: note('tryOut', sample.decision),
      turns: note('turns', [{ party: 'did:a', tasks: [{ step: 'ask', role: 'asker', since: 0 }] }]),
    },
    subscriptions: {
      create: note('createSubscription', sample.subscription),
      upsert: note('upsertSubscription', sample.subscription),
      remove: note('removeSubscription', undefined),
      offset: note('offset', 7),
      skip: note('skip', undefined),
      resume: note('resume', undefined),
    },
  } satisfies Pick<
    Namespace,
    'messages' | 'data' | 'network' | 'operations' | 'processes' | 'subscriptions'
  >
}

async function* piecesOf<T>(...pieces: T[]): AsyncGenerator<T> {
  yield* pieces
}

function testTasks(calls: Calls): TaskCommands {
  const note = noteIn(calls)
  return {
    describe: note('tasks.describe', {
      ...sample.task,
      input: new RawJson('{}'),
      fourEyes: false,
      view: sample.process,
      decisions: [],
      history: [],
    }),
    groupsOf: () => [],
    claim: note('tasks.claim', sample.task),
    release: note('tasks.release', sample.task),
    delegate: note('tasks.delegate', sample.task),
    comment: note('tasks.comment', sample.task),
    complete: note('tasks.complete', { task: sample.task }),
    confirm: note('tasks.confirm', { task: sample.task }),
  }
}

/** A namespace on a real database whose commands only note that they were called. */
export function createTestNamespace(
  database: Database,
  options: Partial<Namespace> & { readonly calls?: Calls } = {},
): Namespace {
  const { calls = [], ...overrides } = options
  return {
    name: 'default',
    networkName: 'default',
    description: '',
    created: CREATED,
    multiparty: true,
    state: { kind: 'ready' },
    database,
    ...testCommands(calls),
    tasks: testTasks(calls),
    events: {
      append: async () => [],
      read: async () => [],
      newest: () => 1_000_000,
      onAppend: () => () => {},
      recentMessage: () => undefined,
    },
    status: async () => ({
      namespace: { name: 'default', networkName: 'default', description: '' },
      plugins: noPlugins,
      multiparty: { enabled: true },
    }),
    batchManagerStatus: () => ({ processors: [] }),
    multipartyStatus: async () => ({
      enabled: true,
      org: { status: 'registered' },
      node: { status: 'registered' },
    }),
    blocked: async () => [],
    ...overrides,
  }
}

export const openTestDatabase = async (): Promise<Database> => {
  const database = await openSqlite({ file: ':memory:' })
  await migrate(database, { auto: true, now: CREATED })
  return database
}

const noWebSockets: WebSocketDoor = {
  handleUpgrade: (_request, socket) => socket.destroy(),
  status: () => ({ enabled: true, connections: [] }),
}

/** A server over the given namespaces. */
export const createTestServer = (
  namespaces: readonly Namespace[],
  options: {
    readonly config?: Partial<ApiConfig>
    readonly auth?: Auth
    readonly websockets?: WebSocketDoor
  } = {},
): Promise<ApiServer> =>
  createApiServer({
    config: { ...testConfig, ...options.config },
    namespaces: () => namespaces,
    getNamespace: (name) => namespaces.find((namespace) => namespace.name === name),
    websockets: options.websockets ?? noWebSockets,
    auth: options.auth ?? { check: () => undefined, userOf: () => undefined },
    observer: { request: () => {} },
    world: createSystemWorld(),
    log: silentLogger,
  })
