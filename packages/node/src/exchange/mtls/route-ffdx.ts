import { NodeError } from '@concordat/protocol'
import type { PeerIdentity } from '../exchange.ts'
import { type Call, parsePath, type Reply, readBody, replyOf } from './call.ts'
import { readForm } from './form.ts'
import type { RouteDeps } from './router.ts'

/** A multipart form `senderDestination, recipientDestination, message`, in any order. */
export async function postMessage(
  { peerId, handlers, gate, limits }: RouteDeps,
  { request, from }: Call,
): Promise<Reply> {
  if (!from.registered) return replyOf('later')
  return await gate(from, async () => {
    const { fields, file } = await readForm(request, {
      field: 'message',
      maxBytes: limits.maxMessageBytes,
      read: (content) => readBody(content, limits.maxMessageBytes),
    })
    const sender = senderOf(from, fields.get('senderDestination'))
    const recipient = recipientOf(peerId, fields.get('recipientDestination'))
    return replyOf(await handlers.message(sender, recipient, file))
  })
}

/** A multipart form with the destinations before the file `blob`. */
export async function putBlob(
  { peerId, handlers, blobs, gate, limits }: RouteDeps,
  { request, from }: Call,
  segments: readonly string[],
): Promise<Reply> {
  if (!from.registered) return replyOf('later')
  const path = parsePath(segments)
  return await gate(from, async () => {
    const { fields, file } = await readForm(request, {
      field: 'blob',
      maxBytes: limits.maxBlobBytes,
      read: async (content, before) => {
        senderOf(from, before.get('senderDestination'))
        return await blobs.write(content)
      },
    })
    const sender = senderOf(from, fields.get('senderDestination'))
    const recipient = recipientOf(peerId, fields.get('recipientDestination'))
    const verdict = await handlers.blob(sender, recipient, { path, ...file })
    if (verdict !== 'accepted') await blobs.remove(file.payloadRef)
    return replyOf(verdict)
  })
}

/** The node that the caller speaks for: one that its certificate is registered for, or nobody. */
export function senderOf({ id, nodes }: PeerIdentity, destination: string | undefined): string {
  const sender = destination ? `${id}/${destination}` : nodes[0]
  if (sender === undefined || !nodes.includes(sender) || (!destination && nodes.length > 1)) {
    throw new NodeError('FF00164')
  }
  return sender
}

export function recipientOf(peerId: string, destination: string | undefined): string {
  return destination ? `${peerId}/${destination}` : peerId
}
