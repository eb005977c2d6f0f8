import type { IncomingMessage } from 'node:http'
import { NodeError } from '@concordat/protocol'
import { type Call, parseHash, parsePath, type Reply, replyOf } from './call.ts'
import { recipientOf, senderOf } from './route-ffdx.ts'
import type { RouteDeps } from './router.ts'

/** Private blobs that can be resumed: ask what is held, then send the rest. */
export interface Uploads {
  held(call: Call, segments: readonly string[]): Promise<Reply>
  put(call: Call, segments: readonly string[]): Promise<Reply>
}

interface Upload {
  readonly key: string
  readonly path: string
  readonly sender: string
  readonly recipient: string
  readonly hash: string
  readonly size: number
}

export function createUploads({ peerId, handlers, blobs, gate, limits }: RouteDeps): Uploads {
  /** Keys being written to. */
  const busy = new Set<string>()

  const receive = async (upload: Upload, request: IncomingMessage): Promise<Reply> => {
    const start = parseStart(request.headers['content-range'], upload.size)
    const held = await blobs.held(upload.key)
    if (held !== start) return { status: 416, headers: { 'concordat-held': held } }
    if (start < upload.size)
      await blobs.append(upload.key, start, exactly(request, upload.size - start))
    const blob =
      upload.size === 0 ? await blobs.write(empty()) : await blobs.finish(upload.key, upload.hash)
    if (!blob || blob.hash !== upload.hash) return { status: 422 }
    const { path, sender, recipient } = upload
    const verdict = await handlers.blob(sender, recipient, { path, ...blob })
    if (verdict !== 'accepted') await blobs.remove(blob.payloadRef)
    return replyOf(verdict)
  }

  return {
    async held({ from, query }, segments) {
      if (!from.registered) return replyOf('later')
      const { key } = parseUpload(peerId, { from, query }, segments, limits.maxBlobBytes)
      if (busy.has(key)) return replyOf('later')
      return { status: 204, headers: { 'concordat-held': await blobs.held(key) } }
    },
    async put({ request, from, query }, segments) {
      if (!from.registered) return replyOf('later')
      const upload = parseUpload(peerId, { from, query }, segments, limits.maxBlobBytes)
      if (busy.has(upload.key)) return replyOf('later')
      busy.add(upload.key)
      try {
        return await gate(from, () => receive(upload, request))
      } finally {
        busy.delete(upload.key)
      }
    },
  }
}

function parseUpload(
  peerId: string,
  { from, query }: Pick<Call, 'from' | 'query'>,
  segments: readonly string[],
  limit: number,
): Upload {
  const path = parsePath(segments)
  const sender = senderOf(from, query.get('sender') ?? undefined)
  const recipient = recipientOf(peerId, query.get('recipient') ?? undefined)
  const hash = parseHash(query.get('hash') ?? undefined)
  const size = Number(query.get('size') ?? Number.NaN)
  if (!Number.isSafeInteger(size) || size < 0) throw new NodeError('CC20002', { reason: 'no size' })
  if (size > limit) throw new NodeError('CC20003', { limit })
  return {
    key: JSON.stringify(['upload', sender, recipient, path, hash, size]),
    path,
    sender,
    recipient,
    hash,
    size,
  }
}

/** `bytes <start>-<end>/<size>`, where the end is the blob's. */
function parseStart(header: string | undefined, size: number): number {
  if (header === undefined) return 0
  const [, start, end, total] = header.match(/^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/) ?? []
  if (Number(total) !== size || Number(end) !== size - 1) {
    throw new NodeError('CC20002', { reason: 'the range is not the rest of the blob' })
  }
  return Number(start)
}

/** Passes on `size` bytes; throws if the body ends before or goes on after. */
async function* exactly(request: IncomingMessage, size: number): AsyncIterable<Uint8Array> {
  let left = size
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    const bytes = Buffer.from(chunk)
    if (bytes.length > left) throw new NodeError('CC20003', { limit: size })
    left -= bytes.length
    yield bytes
  }
  if (left > 0) throw new NodeError('CC20002', { reason: 'the body ended too soon' })
}

async function* empty(): AsyncIterable<Uint8Array> {}
