import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { errorBody, errorStatus, NodeError } from '@concordat/protocol'
import type { FastifyInstance } from 'fastify'
import type { Namespace } from '../namespace.ts'
import type { WebSockets } from '../subscribers/websocket/websocket-server.ts'
import type { Auth } from './auth.ts'

/** Where WebSocket connections go once they are let in. */
export type WebSocketDoor = Pick<WebSockets, 'handleUpgrade' | 'status'>

interface DoorDeps {
  readonly websockets: WebSocketDoor
  readonly auth: Auth
  readonly getNamespace: (name: string) => Namespace | undefined
}

/** Lets connections in at `/ws` and `/api/v1/namespaces/{ns}/ws`; everything else gets an HTTP error. */
export function addWebSockets(app: FastifyInstance, deps: DoorDeps): void {
  const { auth, websockets } = deps
  const enter = async (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    const namespace = findScope(request.url ?? '', deps)
    const { authorization } = request.headers
    await auth.check(authorization, namespace)
    websockets.handleUpgrade(request, socket, head, {
      ...(namespace !== undefined && { namespace }),
      authorize: async (name) => auth.check(authorization, name),
    })
  }
  app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const drop = (): void => void socket.destroy()
    socket.on('error', drop)
    enter(request, socket, head)
      .then(() => socket.off('error', drop))
      .catch((error: unknown) => refuseUpgrade(socket, error))
  })
}

/** The namespace of the path, undefined for `/ws`. Throws FF10109 or FF10187. */
function findScope(url: string, { getNamespace }: DoorDeps): string | undefined {
  const path = (url.split('?')[0] ?? '').replace(/\/{2,}/g, '/').replace(/(?<=.)\/$/, '')
  if (path === '/ws') return undefined
  const name = /^\/api\/v1\/namespaces\/([^/]+)\/ws$/.exec(path)?.[1]
  if (name === undefined) throw new NodeError('FF10109')
  if (!getNamespace(name)) throw new NodeError('FF10187', { namespace: name })
  return name
}

/** Answers a connection that is not let in. */
export function refuseUpgrade(socket: Duplex, error: unknown): void {
  const status = errorStatus(error)
  const body = JSON.stringify(errorBody(error))
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Connection: close',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(status === 401 ? ['WWW-Authenticate: Basic realm="concordat", charset="UTF-8"'] : []),
  ]
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`)
}
