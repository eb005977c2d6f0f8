import { NodeError, type Operation, parseJson, parseUuid } from '@concordat/protocol'
import Fastify, { type FastifyInstance, type RawServerDefault } from 'fastify'
import Type, { type Static } from 'typebox'
import { Check } from 'typebox/value'
import { WebSocketServer } from 'ws'
import type { Logger } from '../lib/logger.ts'
import type { World } from '../lib/world.ts'
import type { Namespace } from '../namespace.ts'
import { getOperation, listOperations, operationFields } from '../store/tables/operations.ts'
import type { Auth } from './auth.ts'
import { serveChanges } from './change-socket.ts'
import type { ChangeFeed } from './changes.ts'
import { addContentTypes } from './content-type.ts'
import { type ListLimits, ListReply } from './handler.ts'
import { found, listRows } from './handlers/find.ts'
import { namespaceSummary } from './handlers/status.ts'
import { hasFlag, parseQuery } from './query.ts'
import { sendError, sendResult, toKnownError } from './reply.ts'
import type { ApiServer } from './server.ts'
import { httpsOption, type ServerTls } from './tls.ts'
import { refuseUpgrade } from './websocket-door.ts'

const OperationUpdate = Type.Object({
  status: Type.Union(
    ['Initialized', 'Pending', 'Succeeded', 'Failed'].map((status) => Type.Literal(status)),
  ),
  output: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  error: Type.Optional(Type.String()),
})
/** What an administrator says has become of an operation. */
export type OperationUpdate = Static<typeof OperationUpdate>

export interface SpiDeps {
  readonly namespaces: () => Iterable<Namespace>
  readonly getNamespace: (name: string) => Namespace | undefined
  readonly changes: ChangeFeed
  readonly limits: ListLimits
  /** Changes that may wait for one socket. */
  readonly eventQueueLength: number
  readonly updateOperation: (
    namespace: Namespace,
    id: string,
    update: OperationUpdate,
  ) => Promise<Operation>
  /** Reads the configuration again and restarts all namespaces. */
  readonly reset: () => Promise<void>
  readonly auth: Auth
  readonly world: Pick<World, 'now'>
  readonly log: Logger
  readonly tls?: ServerTls | undefined
}

const MAX_BODY = 1024 * 1024

/** The administrative interface, on a port of its own. */
export function createSpiServer(deps: SpiDeps): ApiServer {
  const app = Fastify<RawServerDefault>({
    ...httpsOption(deps.tls),
    logger: false,
    forceCloseConnections: true,
    bodyLimit: MAX_BODY,
  })
  addContentTypes(app)
  app.addHook('onRequest', async ({ headers }) => deps.auth.check(headers.authorization, undefined))
  app.setErrorHandler((error, request, reply) => {
    const known = toKnownError(error, MAX_BODY)
    if (!(known instanceof NodeError)) deps.log.error({ url: request.url, error }, 'spi failed')
    sendError(reply, known)
  })
  app.setNotFoundHandler((_request, reply) => sendError(reply, new NodeError('FF10109')))
  addNamespaces(app, deps)
  addOperations(app, deps)
  app.post('/spi/v1/reset', async (_request, reply) => {
    await deps.reset()
    reply.code(204)
  })
  const sockets = addSocket(app, deps)
  return {
    app,
    listen: (address) => app.listen(address),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets.clients) socket.terminate()
      sockets.close()
      await app.close()
    },
  }
}

const namespaceOf = ({ getNamespace }: SpiDeps, name: string): Namespace => {
  const namespace = getNamespace(name)
  if (!namespace) throw new NodeError('FF10436', { namespace: name })
  return namespace
}

function addNamespaces(app: FastifyInstance, deps: SpiDeps): void {
  app.get('/spi/v1/namespaces', (request, reply) => {
    const all = [...deps.namespaces()]
    const whole = hasFlag(parseQuery(request.url), 'includeinitializing')
    const shown = whole ? all : all.filter(({ state }) => state.kind === 'ready')
    sendResult(
      reply,
      200,
      shown.map((namespace) => namespaceSummary(namespace, whole)),
    )
  })
  app.get<{ Params: { ns: string } }>('/spi/v1/namespaces/:ns', ({ params }, reply) =>
    sendResult(reply, 200, namespaceSummary(namespaceOf(deps, params.ns), false)),
  )
  app.get<{ Params: { ns: string } }>(
    '/spi/v1/namespaces/:ns/operations',
    async ({ params, url }, reply) => {
      const namespace = namespaceOf(deps, params.ns)
      const query = parseQuery(url)
      const page = await listRows(namespace, query, deps.limits, operationFields, listOperations)
      sendResult(reply, 200, new ListReply(page.items, page.total))
      return reply
    },
  )
}

function addOperations(app: FastifyInstance, deps: SpiDeps): void {
  /** An operation by `namespace:uuid`, as connectors know it. */
  const locate = (text: string): { readonly namespace: Namespace; readonly id: string } => {
    const cut = text.indexOf(':')
    const id = parseUuid(text.slice(cut + 1))
    if (cut < 1 || id === undefined) throw new NodeError('FF00138', { input: text })
    return { namespace: namespaceOf(deps, text.slice(0, cut)), id }
  }
  const path = '/spi/v1/operations/:nsopid'
  app.get<{ Params: { nsopid: string } }>(path, async ({ params }, reply) => {
    const { namespace, id } = locate(params.nsopid)
    const operation = await getOperation(namespace.database.read, namespace.name, id)
    sendResult(reply, 200, found(operation, params.nsopid))
    return reply
  })
  app.patch<{ Params: { nsopid: string } }>(path, async ({ params, body }, reply) => {
    const { namespace, id } = locate(params.nsopid)
    const update = parseJson(typeof body === 'string' ? body : '', { refuseNul: true })
    if (!Check(OperationUpdate, update))
      throw new NodeError('CC20002', { reason: "'status' is not one of an operation" })
    sendResult(reply, 200, await deps.updateOperation(namespace, id, update))
    return reply
  })
}

function addSocket(app: FastifyInstance, deps: SpiDeps): WebSocketServer {
  const { changes, eventQueueLength: queueLength, world, auth } = deps
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_BODY })
  sockets.on('connection', (socket) => serveChanges(socket, changes, { queueLength, world }))
  app.server.on('upgrade', (request, socket, head) => {
    const enter = async (): Promise<void> => {
      if (request.url?.split('?')[0] !== '/spi/ws') throw new NodeError('FF10109')
      await auth.check(request.headers.authorization, undefined)
      sockets.handleUpgrade(request, socket, head, (client) =>
        sockets.emit('connection', client, request),
      )
    }
    socket.on('error', () => socket.destroy())
    enter().catch((error: unknown) => refuseUpgrade(socket, error))
  })
  return sockets
}
