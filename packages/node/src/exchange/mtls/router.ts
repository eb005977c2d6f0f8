import { NodeError } from '@concordat/protocol'
import type { BlobStore, ExchangeHandlers } from '../exchange.ts'
import type { Call, Reply } from './call.ts'
import { createGate, type Gate } from './gate.ts'
import { postMessage, putBlob } from './route-ffdx.ts'
import { getBlob, getPayload, postPayload, putPayload } from './route-payloads.ts'
import { createUploads, type Uploads } from './route-uploads.ts'

export interface RouteDeps {
  /** Our own `peerId`. */
  readonly peerId: string
  readonly handlers: ExchangeHandlers
  readonly blobs: BlobStore
  readonly gate: Gate
  readonly limits: Limits
}

export interface Limits {
  readonly maxMessageBytes: number
  readonly maxPayloadBytes: number
  readonly maxBlobBytes: number
}

/** FireFly's peer protocol under `/api/v1/`, and what ours adds under `/concordat/v1/`. */
export function createRouter(options: Omit<RouteDeps, 'gate'>): (call: Call) => Promise<Reply> {
  const deps: RouteDeps = { ...options, gate: createGate() }
  const uploads = createUploads(deps)
  return (call) => {
    if (call.from.registered) options.handlers.heard?.(call.from)
    const [first, version, resource, ...rest] = call.path
    const target = `${call.request.method} ${first}/${version}/${resource}`
    return first === 'api'
      ? routeFfdx(deps, call, target, rest)
      : routeOwn(deps, uploads, call, target, rest)
  }
}

async function routeFfdx(
  deps: RouteDeps,
  call: Call,
  target: string,
  rest: string[],
): Promise<Reply> {
  switch (target) {
    case 'HEAD api/v1/ping':
    case 'GET api/v1/ping':
      return { status: 204 }
    case 'POST api/v1/messages':
      return postMessage(deps, call)
    case 'PUT api/v1/blobs':
      return putBlob(deps, call, rest)
    default:
      throw new NodeError('FF00164')
  }
}

async function routeOwn(
  deps: RouteDeps,
  uploads: Uploads,
  call: Call,
  target: string,
  rest: string[],
): Promise<Reply> {
  switch (target) {
    case 'PUT concordat/v1/payloads':
      return putPayload(deps, call, rest[0])
    case 'GET concordat/v1/payloads':
      return getPayload(deps, call, rest[0])
    case 'POST concordat/v1/payloads':
      return postPayload(deps, call, rest[0])
    case 'GET concordat/v1/blobs':
      return getBlob(deps, call, rest[0])
    case 'GET concordat/v1/uploads':
      return uploads.held(call, rest)
    case 'PUT concordat/v1/uploads':
      return uploads.put(call, rest)
    default:
      throw new NodeError('FF00164')
  }
}
