import { readFile } from 'node:fs/promises'
import { NodeError } from '@concordat/protocol'
import { apiConfigOf } from './api/api-config.ts'
import { createAuth, parseUsers, type Users } from './api/auth.ts'
import { createMetrics } from './api/metrics.ts'
import { createMonitoringServer } from './api/monitoring.ts'
import { type ApiServer, createApiServer } from './api/server.ts'
import { type Adapters, systemAdapters } from './compose/adapters.ts'
import { type Core, startCore } from './compose/core.ts'
import type { NodeConfig } from './config/config.ts'
import { AsyncStack } from './lib/async-stack.ts'
import type { Logger } from './lib/logger.ts'
import type { World } from './lib/world.ts'
import { createWebhookTransport } from './subscribers/webhook/webhook-transport.ts'
import { createWebSockets } from './subscribers/websocket/websocket-server.ts'
import { websocketTransport } from './subscribers/websocket/websocket-transport.ts'

export interface StartOptions {
  readonly world: World
  readonly log: Logger
  /** Default: the real ones. */
  readonly adapters?: Adapters
}

export interface RunningNode extends AsyncDisposable {
  readonly addresses: { readonly api: string; readonly monitoring?: string }
  readonly core: Core
}

/** Starts one party's node: resolves when it serves requests. Disposing it stops everything, in order. */
export async function startNode(
  config: NodeConfig,
  { world, log, adapters = systemAdapters }: StartOptions,
): Promise<RunningNode> {
  await using stack = new AsyncStack()
  const { webhooks } = config.events
  const core = stack.use(
    await startCore(config, {
      world,
      log,
      adapters,
      transports: [
        websocketTransport,
        createWebhookTransport({
          allowedRanges: webhooks.allowedRanges,
          requestTimeoutMs: webhooks.requestTimeout,
          retryForMs: webhooks.retryFor,
        }),
      ],
    }),
  )
  const metrics = createMetrics(world)
  const getNamespace = (name: string) =>
    core.namespaces.find((namespace) => namespace.name === name)
  const websockets = createWebSockets({
    subscribers: (name) => getNamespace(name)?.subscribers,
    world,
    logger: log,
  })
  for (const namespace of core.namespaces) stack.defer(metrics.watch(namespace))
  const auth = createAuth(await loadUsers(config), world)
  const api = stack.use(
    await createApiServer({
      config: apiConfigOf(config),
      namespaces: () => core.namespaces,
      getNamespace,
      websockets,
      auth,
      observer: metrics,
      world,
      log,
    }),
  )
  // Closed first: the API's server would wait for their sockets.
  stack.use(websockets)
  const { address: host, port } = config.http
  const addresses = { api: await listen(api, { host, port }) }
  if (config.monitoring.enabled) {
    const monitoring = stack.use(
      createMonitoringServer({
        metrics,
        namespaces: () => core.namespaces,
        metricsPath: config.monitoring.metricsPath,
        auth,
      }),
    )
    await listen(monitoring, { host: config.monitoring.address, port: config.monitoring.port })
  }
  const owned = stack.move()
  return { addresses, core, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

async function listen(server: ApiServer, address: { host: string; port: number }): Promise<string> {
  return await server.listen(address).catch((cause: unknown) => {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
    throw new NodeError(
      'CC20401',
      { faults: `${address.host}:${address.port} cannot be listened on (${reason})` },
      { cause },
    )
  })
}

/** Users of the API as a whole, and of each namespace that has an auth plugin. */
async function loadUsers(
  config: NodeConfig,
): Promise<{ server: Users | undefined; namespaces: Map<string, Users> }> {
  const load = async (file: string): Promise<Users> =>
    parseUsers(await readFile(file, 'utf8'), file)
  const server =
    config.http.auth.type === 'basic' ? await load(config.http.auth.basic.passwordfile) : undefined
  const namespaces = new Map<string, Users>()
  for (const { name, plugins } of config.namespaces) {
    const plugin = config.plugins.auth.find((each) => each.name === plugins.auth)
    if (plugin) namespaces.set(name, await load(plugin.config.passwordfile))
  }
  return { server, namespaces }
}
