import { createEventLog } from '../events/event-log.ts'
import { Directory } from '../identity/directory.ts'
import { AsyncStack } from '../lib/async-stack.ts'
import { createDataEngine } from '../messages/data-engine.ts'
import { Datatypes } from '../messages/datatypes.ts'
import { createInlineData } from '../messages/inline-data.ts'
import { createNoMessages } from '../messages/no-messages.ts'
import { createWaiters } from '../messages/waiters.ts'
import { createGatewayEngine } from '../network/gateway-engine.ts'
import { createNoOperations } from '../operations/no-operations.ts'
import { createNoProcesses } from '../processes/no-processes.ts'
import { createNoTasks } from '../tasks/no-tasks.ts'
import { toBlockedTopics } from './blocked.ts'
import { startDelivering } from './delivering.ts'
import type { NamespaceParts } from './foundation.ts'
import type { RunningNamespace } from './namespace-runtime.ts'
import { pluginsOf } from './namespace-status.ts'
import { toGatewayStatus } from './status.ts'

/** What a namespace without a network is given. */
export interface GatewayParts
  extends Pick<
    NamespaceParts,
    'config' | 'settings' | 'world' | 'log' | 'database' | 'blobs' | 'transports' | 'created'
  > {
  readonly chain: NamespaceParts['chain'] | undefined
}

/** Starts a namespace that is shared with nobody: data, subscriptions and identities of this node alone. */
export async function startGateway(parts: GatewayParts): Promise<RunningNamespace> {
  const { settings, database, world, created, chain } = parts
  const { name, description } = settings
  const at = { namespace: name, networkName: name, world, database }
  const log = parts.log.child({ namespace: name })
  await using stack = new AsyncStack()
  const events = await createEventLog({
    ...at,
    onListenerError: (err) => log.error({ err }, 'a listener failed'),
  })
  const waiters = stack.use(createWaiters(events, world))
  const directory = await Directory.load(name, database)
  const messages = createNoMessages(at)
  const inlineData = createInlineData({ ...at, datatypes: new Datatypes(name, database) })
  const subscribers = stack.use(
    await startDelivering({ ...parts, namespace: name, log, events }, messages),
  )
  const summary = { name, networkName: name, description, created }
  const owned = stack.move()
  return {
    ...summary,
    multiparty: false,
    state: { kind: 'ready' },
    messages,
    data: createDataEngine({
      ...at,
      blobs: parts.blobs,
      storage: undefined,
      inlineData,
      messages,
      signer: { ...at, directory, chain: undefined, rootOrg: undefined, defaultKey: undefined },
      waiters,
    }),
    network: createGatewayEngine({ ...at, directory, events, chain }),
    operations: createNoOperations(name),
    processes: createNoProcesses(name),
    tasks: createNoTasks(name),
    subscriptions: subscribers.subscriptions,
    subscribers,
    events,
    database,
    status: async () =>
      toGatewayStatus({ namespace: summary, plugins: pluginsOf(parts.config, settings) }),
    batchManagerStatus: () => ({ processors: [] }),
    multipartyStatus: async () => ({
      enabled: false,
      org: { status: 'unknown' },
      node: { status: 'unknown' },
    }),
    blocked: () =>
      toBlockedTopics(
        name,
        { contexts: [], batches: [], subscriptions: subscribers.paused() },
        database,
      ),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
