import { readFile } from 'node:fs/promises'
import { NodeError } from '@concordat/protocol'
import { apiConfigOf } from './api/api-config.ts'
import { type Auth, createAuth, parseUsers, type Users } from './api/auth.ts'
import { changesOfEvents } from './api/changes.ts'
import type { Metrics } from './api/metrics.ts'
import { createMonitoringServer } from './api/monitoring.ts'
import { type ApiServer, createApiServer } from './api/server.ts'
import { createSpiServer } from './api/spi.ts'
import { readTls } from './api/tls.ts'
import type { WebSocketDoor } from './api/websocket-door.ts'
import type { NodeConfig } from './config/config.ts'
import type { Logger } from './lib/logger.ts'
import type { World } from './lib/world.ts'
import type { Namespace } from './namespace.ts'
import { updateOperation } from './operations/update-operation.ts'

export interface ServeDeps {
  readonly namespaces: () => readonly Namespace[]
  readonly metrics: Metrics
  readonly world: World
  readonly log: Logger
}

type ServerConfig = NodeConfig['http' | 'spi' | 'monitoring']

/** The API, not listening yet. */
export async function createApi(
  config: NodeConfig,
  deps: ServeDeps & { readonly websockets: WebSocketDoor },
): Promise<ApiServer> {
  const auth = createAuth(
    { server: await loadUsers(config.http), namespaces: await loadNamespaceUsers(config) },
    deps.world,
  )
  return await createApiServer({
    ...deps,
    config: apiConfigOf(config, await readTls(config.http.tls)),
    getNamespace: finder(deps),
    auth,
    observer: deps.metrics,
  })
}

/** Metrics and health, not listening yet. */
export async function createMonitoring(
  { monitoring }: NodeConfig,
  deps: ServeDeps,
): Promise<ApiServer> {
  return createMonitoringServer({
    ...deps,
    metricsPath: monitoring.metricsPath,
    auth: await serverAuth(monitoring, deps),
    tls: await readTls(monitoring.tls),
  })
}

/** The administrative interface, not listening yet. */
export async function createSpi({ spi, api }: NodeConfig, deps: ServeDeps): Promise<ApiServer> {
  return createSpiServer({
    ...deps,
    getNamespace: finder(deps),
    changes: changesOfEvents(deps.namespaces),
    limits: { defaultLimit: api.defaultFilterLimit, maxLimit: api.maxFilterLimit },
    eventQueueLength: spi.ws.eventQueueLength,
    updateOperation: (namespace, id, update) =>
      updateOperation(namespace, deps.world, { id, ...update }),
    reset: async () => {
      throw new NodeError('CC20403')
    },
    auth: await serverAuth(spi, deps),
    tls: await readTls(spi.tls),
  })
}

/** Resolves the URL that the server is reached by. */
export async function listen(
  server: ApiServer,
  { address: host, port }: Pick<ServerConfig, 'address' | 'port'>,
): Promise<string> {
  return await server.listen({ host, port }).catch((cause: unknown) => {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
    throw new NodeError(
      'CC20401',
      { faults: `${host}:${port} cannot be listened on (${reason})` },
      { cause },
    )
  })
}

const finder =
  ({ namespaces }: ServeDeps) =>
  (wanted: string): Namespace | undefined =>
    namespaces().find(({ name }) => name === wanted)

/** Of a server with users of its own, whatever namespace is asked for. */
const serverAuth = async (server: ServerConfig, { world }: ServeDeps): Promise<Auth> =>
  createAuth({ server: await loadUsers(server), namespaces: new Map() }, world)

const loadUsers = async ({ auth }: ServerConfig): Promise<Users | undefined> =>
  auth.type === 'basic' ? await readUsers(auth.basic.passwordfile) : undefined

async function readUsers(file: string): Promise<Users> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new NodeError('CC20401', { faults: `${file} cannot be read` }, { cause })
  })
  return parseUsers(text, file)
}

/** Users of each namespace that has an auth plugin. */
async function loadNamespaceUsers(config: NodeConfig): Promise<Map<string, Users>> {
  const users = new Map<string, Users>()
  for (const { name, plugins } of config.namespaces) {
    const plugin = config.plugins.auth.find((each) => each.name === plugins.auth)
    if (plugin) users.set(name, await readUsers(plugin.config.passwordfile))
  }
  return users
}
