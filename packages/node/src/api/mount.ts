import { NodeError } from '@concordat/protocol'
import type { Route } from '@concordat/protocol/routes'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from '../lib/logger.ts'
import type { World } from '../lib/world.ts'
import type { Namespace } from '../namespace.ts'
import type { Auth } from './auth.ts'
import { type BodyReader, createBodyReaders } from './body.ts'
import { checkContentType, isYaml, linesFormat } from './content-type.ts'
import type { Deadlines } from './deadlines.ts'
import type { ApiContext, Mounted } from './handler.ts'
import type { Load } from './load.ts'
import { OpenCall } from './open-call.ts'
import { refuseNulInUrl } from './refuse-nul.ts'
import { sendError, sendResult, toKnownError } from './reply.ts'
import { requestTimeout, type Timeouts } from './timeouts.ts'

declare module 'fastify' {
  interface FastifyRequest {
    call: OpenCall | null
  }
}

export interface SeenRequest {
  readonly route: string
  readonly status: number
  readonly ms: number
  /** Local name; undefined for a route of no namespace. */
  readonly namespace: string | undefined
}

/** What watches requests: once each, when it is answered. */
export interface RestObserver {
  request(seen: SeenRequest): void
}

export interface MountDeps {
  readonly context: ApiContext
  readonly auth: Auth
  readonly deadlines: Deadlines
  readonly load: Load
  readonly timeouts: Timeouts
  readonly maxBodySize: number
  readonly defaultNamespace: string
  readonly world: Pick<World, 'now'>
  readonly log: Logger
  readonly observer: RestObserver
}

const TAKES_BODY = new Set(['POST', 'PUT', 'PATCH'])

/** Puts every route where it is found: below `/api/v1`, and below each namespace. */
export function mountAll(app: FastifyInstance, mounted: readonly Mounted[], deps: MountDeps): void {
  const readerOf = createBodyReaders()
  app.decorateRequest('call', null)
  for (const entry of mounted) {
    const reader = readerOf(entry.route)
    const path = fastifyPath(entry.route)
    mountOne(app, `/api/v1${path}`, entry, reader, deps)
    if (!entry.route.global) mountOne(app, `/api/v1/namespaces/:ns${path}`, entry, reader, deps)
  }
}

/** `:did*` becomes fastify's `*`. */
const fastifyPath = ({ path }: Route): string => path.replace(/:\w+\*$/, '*')

function mountOne(
  app: FastifyInstance,
  url: string,
  mounted: Mounted,
  reader: BodyReader,
  deps: MountDeps,
): void {
  const { route } = mounted
  app.route({
    method: route.method,
    url,
    onRequest: opener(route, deps),
    handler: (request, reply) => {
      const { call } = request
      if (call) void answer(mounted, reader, call, reply, deps)
    },
  })
}

/** Runs before any of the body is read: whose request is it, may it, is there room, is it for something we have. */
function opener(route: Route, deps: MountDeps) {
  const { auth, deadlines, load, timeouts, world } = deps
  const takesBody = TAKES_BODY.has(route.method)
  const fail = (reply: FastifyReply, error: unknown): void => sendError(reply, error)
  return (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void): void => {
    try {
      reply.header('x-firefly-request-id', request.id)
      load.enter(request, reply)
      const timeoutMs = requestTimeout(request.headers['request-timeout'], timeouts)
      const call = new OpenCall(route, request, reply, { now: world.now(), timeoutMs }, fail)
      request.call = call
      refuseNulInUrl(call)
      const name = namespaceName(route, request, deps)
      const checking = auth.check(request.headers.authorization, name)
      const open = (): void => {
        if (name !== undefined) call.found = findNamespace(route, name, deps)
        call.user = auth.userOf(request.headers.authorization, name)
        if (takesBody) checkContentType(request, route)
        if (!streams(route, request)) deadlines.add(call)
        done()
      }
      if (checking !== undefined) checking.then(open).catch(done)
      else open()
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)))
    }
  }
}

/** Uploads and downloads may take as long as bytes come. */
const streams = (route: Route, request: FastifyRequest): boolean =>
  route.writes === 'bytes' ||
  (route.multipart === true && (request.headers['content-type'] ?? '').startsWith('multipart/'))

function namespaceName(route: Route, request: FastifyRequest, deps: MountDeps): string | undefined {
  if (route.global) return undefined
  const { ns } = request.params as { ns?: string }
  return ns ?? deps.defaultNamespace
}

function findNamespace(route: Route, name: string, { context }: MountDeps): Namespace {
  const namespace = context.getNamespace(name)
  if (!namespace) throw new NodeError('FF10436', { namespace: name })
  const { state } = namespace
  if (state.kind === 'starting') throw new NodeError('FF10441', { namespace: name })
  if (state.kind === 'stopped')
    throw new NodeError('FF10446', { namespace: name, reason: state.reason })
  if (route.requires === 'multiparty' && !namespace.multiparty)
    throw new NodeError('FF10414', { namespace: name })
  return namespace
}

async function answer(
  mounted: Mounted,
  reader: BodyReader,
  call: OpenCall,
  reply: FastifyReply,
  deps: MountDeps,
): Promise<void> {
  const { route } = mounted
  try {
    if (TAKES_BODY.has(route.method)) call.body = readBody(reader, call)
    const result = await mounted.run(call, deps.context)
    deps.deadlines.remove(call)
    if (!reply.sent)
      sendResult(reply, call.confirm ? (route.confirmed ?? route.status) : route.status, result)
  } catch (error) {
    deps.deadlines.remove(call)
    const known = toKnownError(error, deps.maxBodySize)
    if (!(known instanceof NodeError) || known.status >= 500)
      deps.log.error({ route: route.id, request: call.request.id, error }, 'a request failed')
    sendError(reply, known)
  }
  deps.observer.request({
    route: route.id,
    status: reply.statusCode,
    ms: deps.world.now() - call.started,
    namespace: call.found?.name,
  })
}

function readBody(reader: BodyReader, { request }: OpenCall): unknown {
  const { body } = request
  if (typeof body === 'string' && !isYaml(request)) return reader.read(body)
  // A multipart form, YAML or lines, which the handler reads; or no body at all.
  const isOther =
    request.headers['content-type']?.startsWith('multipart/') ||
    isYaml(request) ||
    linesFormat(request) !== undefined
  return isOther ? undefined : reader.read('')
}
