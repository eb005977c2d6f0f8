import type { IncomingMessage } from 'node:http'
import { NodeError } from '@concordat/protocol'
import multipart from '@fastify/multipart'
import Fastify, { type FastifyInstance, type RawServerDefault } from 'fastify'
import type { Logger } from '../lib/logger.ts'
import type { World } from '../lib/world.ts'
import type { Namespace } from '../namespace.ts'
import type { Auth } from './auth.ts'
import { addContentTypes } from './content-type.ts'
import { addCors, type CorsConfig } from './cors.ts'
import { startDeadlines } from './deadlines.ts'
import { addDocuments } from './documents.ts'
import { handlers } from './handlers/index.ts'
import { addHealth } from './health.ts'
import { createLoad } from './load.ts'
import { type MountDeps, mountAll, type RestObserver } from './mount.ts'
import { sendError, toKnownError } from './reply.ts'
import { createRequestIds } from './request-id.ts'
import { httpsOption, type ServerTls } from './tls.ts'
import { addWebSockets, type WebSocketDoor } from './websocket-door.ts'

/** What the API needs of the configuration: durations in milliseconds, sizes in bytes. */
export interface ApiConfig {
  /** Namespace of requests that name none. */
  readonly defaultNamespace: string
  readonly defaultFilterLimit: number
  readonly maxFilterLimit: number
  readonly requestTimeout: number
  readonly requestMaxTimeout: number
  readonly maxBodySize: number
  readonly maxBlobSize: number
  readonly maxChartRows: number
  /** How callers reach the API from outside, for the documents; '' for where they see it. */
  readonly publicURL: string
  /** How long open requests may take to end when the server stops. */
  readonly shutdownTimeout: number
  readonly cors?: CorsConfig
  readonly tls?: ServerTls
  /** Requests open at once; 20,000 unless said otherwise. */
  readonly maxOpenRequests?: number
  /** Bytes of JSON bodies open at once; 256 MiB unless said otherwise. */
  readonly maxOpenBytes?: number
}

export interface ApiDeps {
  readonly config: ApiConfig
  readonly namespaces: () => Iterable<Namespace>
  readonly getNamespace: (name: string) => Namespace | undefined
  readonly websockets: WebSocketDoor
  readonly auth: Auth
  readonly observer: RestObserver
  readonly world: World
  readonly log: Logger
}

/** Connections that may wait to be accepted: a burst of callers must not lose their first packets. */
const BACKLOG = 4096

export interface ApiServer extends AsyncDisposable {
  /** For tests (`inject`), and for what else is served on this port, such as the console. */
  readonly app: FastifyInstance
  /** Resolves the URL it is reached by. Port 0: a free one. */
  listen(address: { readonly host: string; readonly port: number }): Promise<string>
}

/** The REST API, its documents, and the door of the WebSockets. */
export async function createApiServer(deps: ApiDeps): Promise<ApiServer> {
  const { config, log, world } = deps
  const app = createApp(config, world)
  const deadlines = startDeadlines(world, log)
  if (config.cors) addCors(app, config.cors)
  addContentTypes(app)
  await app.register(multipart, {
    limits: { files: 1, fields: 20, fieldSize: config.maxBodySize, fileSize: config.maxBlobSize },
  })
  app.setErrorHandler((error, request, reply) => {
    const known = toKnownError(error, config.maxBodySize)
    if (!(known instanceof NodeError)) log.error({ request: request.id, error }, 'a request failed')
    if (request.call) deadlines.remove(request.call)
    sendError(reply, known)
  })
  app.setNotFoundHandler((_request, reply) => sendError(reply, new NodeError('FF10109')))
  mountAll(app, handlers, mountDeps(deps, deadlines))
  addDocuments(app, {
    publicURL: config.publicURL,
    auth: deps.auth,
    getNamespace: deps.getNamespace,
  })
  addHealth(app, deps)
  addWebSockets(app, deps)
  return {
    app,
    listen: (address) => app.listen({ ...address, backlog: BACKLOG }),
    async [Symbol.asyncDispose]() {
      await closeWithin(app, config.shutdownTimeout, world)
      await deadlines[Symbol.asyncDispose]()
    },
  }
}

/** Takes no more requests, lets those under way end, and after a while cuts them off. WebSockets must be closed before. */
async function closeWithin(app: FastifyInstance, ms: number, world: World): Promise<void> {
  const closed = new AbortController()
  const cut = world.sleep(ms, closed.signal).then(
    () => app.server.closeAllConnections(),
    () => {},
  )
  await app.close()
  closed.abort()
  await cut
}

function createApp(config: ApiConfig, world: World): FastifyInstance {
  return Fastify<RawServerDefault>({
    ...httpsOption(config.tls),
    logger: false,
    bodyLimit: config.maxBodySize,
    exposeHeadRoutes: false,
    forceCloseConnections: 'idle',
    connectionTimeout: config.requestMaxTimeout + 30_000,
    requestIdHeader: false,
    genReqId: createRequestIds(world),
    rewriteUrl: collapseSlashes,
    routerOptions: {
      ignoreTrailingSlash: true,
      maxParamLength: 2048,
      querystringParser: () => NO_QUERY,
    },
    frameworkErrors: (error, _request, reply) => {
      sendError(reply, toKnownError(error, config.maxBodySize))
    },
  })
}

/** Queries are read where they are needed. */
const NO_QUERY = Object.freeze({})

/** `…/namespaces/default//network/nodes` is served as if the slash were one. */
function collapseSlashes({ url = '/' }: IncomingMessage): string {
  const end = url.indexOf('?')
  const path = end === -1 ? url : url.slice(0, end)
  if (!path.includes('//')) return url
  return path.replace(/\/{2,}/g, '/') + (end === -1 ? '' : url.slice(end))
}

function mountDeps(deps: ApiDeps, deadlines: MountDeps['deadlines']): MountDeps {
  const { config, world, log, auth, observer } = deps
  return {
    context: {
      publicURL: config.publicURL,
      world,
      namespaces: deps.namespaces,
      getNamespace: deps.getNamespace,
      webSocketStatus: () => deps.websockets.status(),
      limits: {
        defaultLimit: config.defaultFilterLimit,
        maxLimit: config.maxFilterLimit,
        maxBlobSize: config.maxBlobSize,
        maxChartRows: config.maxChartRows,
      },
    },
    auth,
    deadlines,
    load: createLoad({
      maxOpen: config.maxOpenRequests ?? 20_000,
      maxBytes: config.maxOpenBytes ?? 256 * 1024 * 1024,
    }),
    timeouts: { normal: config.requestTimeout, longest: config.requestMaxTimeout },
    maxBodySize: config.maxBodySize,
    defaultNamespace: config.defaultNamespace,
    world,
    log,
    observer,
  }
}
