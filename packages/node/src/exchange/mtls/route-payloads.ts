import { createHash } from 'node:crypto'
import { NodeError } from '@concordat/protocol'
import { type Call, parseHash, type Reply, readBody, replyOf } from './call.ts'
import type { RouteDeps } from './router.ts'

const CONTENT = { 'content-type': 'application/octet-stream' } as const

/** A payload pushed by content hash. The only call that a stranger may make. */
export async function putPayload(
  { handlers, gate, limits }: RouteDeps,
  { request, from }: Call,
  name: string | undefined,
): Promise<Reply> {
  const hash = parseHash(name)
  return await gate(from, async () => {
    const content = await readBody(
      request,
      limits.maxPayloadBytes,
      request.headers['content-length'],
    )
    const actual = createHash('sha256').update(content).digest('hex')
    if (actual !== hash) return { status: 422 }
    return replyOf(await handlers.payload(from, hash, content))
  })
}

/** A payload by content hash, for members. */
export async function getPayload(
  { handlers }: RouteDeps,
  { from }: Call,
  name: string | undefined,
): Promise<Reply> {
  const hash = parseHash(name)
  if (!from.registered) throw new NodeError('FF00170')
  return found(await handlers.findPayload(from, hash))
}

/** A private batch by its batch hash, for a party to it. */
export async function postPayload(
  deps: RouteDeps,
  call: Call,
  name: string | undefined,
): Promise<Reply> {
  return await getPayload(deps, call, name)
}

/** A published blob by content hash, from `Range: bytes=N-` on. */
export async function getBlob(
  { handlers, blobs }: RouteDeps,
  { request, from }: Call,
  name: string | undefined,
): Promise<Reply> {
  const hash = parseHash(name)
  if (!from.registered) throw new NodeError('FF00170')
  const blob = await handlers.findBlob(from, hash)
  if (!blob) throw new NodeError('FF00164')
  const start = parseRange(request.headers.range)
  if (start === 0) {
    const headers = { ...CONTENT, 'content-length': blob.size }
    return { status: 200, headers, body: blobs.read(blob.payloadRef) }
  }
  if (start >= blob.size)
    return { status: 416, headers: { 'content-range': `bytes */${blob.size}` } }
  const headers = {
    ...CONTENT,
    'content-length': blob.size - start,
    'content-range': `bytes ${start}-${blob.size - 1}/${blob.size}`,
  }
  return { status: 206, headers, body: blobs.read(blob.payloadRef, start) }
}

function found(content: Uint8Array | 'gone' | undefined): Reply {
  if (content === 'gone') return { status: 410 }
  if (!content) throw new NodeError('FF00164')
  return { status: 200, headers: CONTENT, body: content }
}

/** Anything but an open range from a position is taken as no range, as HTTP allows. */
function parseRange(header: string | undefined): number {
  const start = header?.match(/^bytes=(\d{1,15})-$/)?.[1]
  return start === undefined ? 0 : Number(start)
}
