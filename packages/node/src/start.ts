import { pathToFileURL } from 'node:url'
import { createMetrics } from './api/metrics.ts'
import { type Adapters, systemAdapters } from './compose/adapters.ts'
import { type Core, startCore } from './compose/core.ts'
import type { NodeConfig } from './config/config.ts'
import { AsyncStack } from './lib/async-stack.ts'
import type { Logger } from './lib/logger.ts'
import type { World } from './lib/world.ts'
import { createApi, createMonitoring, createSpi, listen } from './serve.ts'
import type { EventTransport } from './subscribers/transport.ts'
import { loadTransport } from './subscribers/transport-module.ts'
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
  readonly addresses: { readonly api: string; readonly monitoring?: string; readonly spi?: string }
  readonly core: Core
}

/** Starts one party's node: resolves when it serves requests. Disposing it stops everything, in order. */
export async function startNode(
  config: NodeConfig,
  { world, log, adapters = systemAdapters }: StartOptions,
): Promise<RunningNode> {
  await using stack = new AsyncStack()
  const transports = await openTransports(config)
  const core = stack.use(await startCore(config, { world, log, adapters, transports }))
  const metrics = createMetrics(world)
  const getNamespace = (name: string) =>
    core.namespaces.find((namespace) => namespace.name === name)
  const websockets = createWebSockets({
    subscribers: (name) => getNamespace(name)?.subscribers,
    world,
    logger: log,
  })
  for (const namespace of core.namespaces) stack.defer(metrics.watch(namespace))
  const deps = { namespaces: () => core.namespaces, metrics, world, log }
  const api = stack.use(await createApi(config, { ...deps, websockets }))
  // Closed first: the API's server would wait for their sockets.
  stack.use(websockets)
  const addresses = {
    api: await listen(api, config.http),
    ...(config.monitoring.enabled && {
      monitoring: await listen(stack.use(await createMonitoring(config, deps)), config.monitoring),
    }),
    ...(config.spi.enabled && {
      spi: await listen(stack.use(await createSpi(config, deps)), config.spi),
    }),
  }
  const owned = stack.move()
  return { addresses, core, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/** The built-in transports that are enabled, and those of the modules named in the configuration. */
async function openTransports({ event, events, plugins }: NodeConfig): Promise<EventTransport[]> {
  const { allowedRanges, requestTimeout, retryFor } = events.webhooks
  const builtIn = [
    websocketTransport,
    createWebhookTransport({
      allowedRanges,
      requestTimeoutMs: requestTimeout,
      retryForMs: retryFor,
    }),
  ].filter(({ name }) => event.transports.enabled.includes(name))
  const loaded = plugins.eventtransports.map(({ name, module, package: pack }) =>
    loadTransport(module === '' ? pack : pathToFileURL(module).href, name),
  )
  return [...builtIn, ...(await Promise.all(loaded))]
}
