import { createHash } from 'node:crypto'
import { NodeError } from '@concordat/protocol'
import type { Exchange, ExchangeDeps, PeerIdentity, Seed, Verdict } from '../exchange.ts'
import { certificateStart, createDirectory } from './directory.ts'
import type { HubMember, MemoryHub } from './hub.ts'

type Held = { readonly payloadRef: string; readonly hash: string; readonly size: number }

/** One call to a peer whose certificate is the expected one; our identity is what our certificate is there. */
type CallPeer = <T>(
  to: string | Seed,
  signal: AbortSignal,
  work: (to: HubMember, from: PeerIdentity) => Promise<T>,
) => Promise<T>

/** A party's exchange within one process: no sockets, the same rules. */
export function createMemoryExchange(
  hub: MemoryHub,
  {
    peerId,
    certificate = firstCertificateOf(peerId),
  }: { readonly peerId: string; readonly certificate?: string },
  { handlers, blobs }: Pick<ExchangeDeps, 'handlers' | 'blobs'>,
): Exchange {
  const directory = createDirectory()
  const member: HubMember = { peerId, certificate, directory, handlers, blobs }
  hub.join(member)

  const call: CallPeer = async (to, signal, work) => {
    const target = findTarget(member, to)
    const result = await hub.call(peerId, target.peerId, signal, async (there) => {
      if (!target.trusts(there.certificate)) throw new NodeError('CC20203', { peer: target.peerId })
      return await work(there, there.directory.identify(peerId, certificate))
    })
    if (!result) throw new NodeError('CC20201', { peer: target.peerId, reason: 'silence' })
    return result.answer
  }

  return {
    profile: (nodeName) => ({
      id: `${peerId}/${nodeName}`,
      endpoint: endpointOf(peerId),
      cert: certificate,
    }),
    addPeer: (profile) => directory.add(profile),
    removeCertificate: (id, cert) => directory.removeCertificate(id, cert),
    peers: () => directory.ids().filter((id) => !directory.find(id)?.certs.includes(certificate)),
    ...createPushes(hub, member, call),
    ...createFetches(hub, member, call),
    async ping(peer, signal) {
      try {
        return await call(peer, signal, async () => true)
      } catch {
        signal.throwIfAborted()
        return false
      }
    },
    async [Symbol.asyncDispose]() {
      hub.leave(member)
    },
  }
}

function createPushes(
  hub: MemoryHub,
  member: HubMember,
  call: CallPeer,
): Pick<Exchange, 'sendMessage' | 'sendBlob' | 'sendPayload'> {
  return {
    sendMessage: (sender, recipient, message, signal) =>
      call(recipient, signal, async (there, from) =>
        spoken(from, sender, () => there.handlers.message(sender, recipient, Buffer.from(message))),
      ),
    sendBlob: (sender, recipient, blob, signal) =>
      call(recipient, signal, async (there, from) =>
        spoken(from, sender, async () => {
          const key = JSON.stringify(['upload', sender, recipient, blob.path, blob.hash])
          const held = await transfer(hub, member, there, key, blob)
          if (!held) return 'refused'
          const verdict = await there.handlers.blob(sender, recipient, { path: blob.path, ...held })
          if (verdict !== 'accepted') await there.blobs.remove(held.payloadRef)
          return verdict
        }),
      ),
    sendPayload: (to, hash, content, signal) =>
      call(to, signal, async (there, from) => {
        if (sha256(content) !== hash) return 'refused'
        return await there.handlers.payload(from, hash, Buffer.from(content))
      }),
  }
}

function createFetches(
  hub: MemoryHub,
  member: HubMember,
  call: CallPeer,
): Pick<Exchange, 'fetchPayload' | 'fetchBatch' | 'fetchBlob'> {
  return {
    async fetchPayload(source, hash, maxBytes, signal) {
      const content = await call(source, signal, (there, from) => find(there, from, hash))
      if (content === 'gone') return 'gone'
      if (content && sha256(content) !== hash) throw refuses(source, 'its payload has another hash')
      return within(maxBytes, content)
    },
    async fetchBatch(source, batchHash, maxBytes, signal) {
      const content = await call(source, signal, (there, from) => find(there, from, batchHash))
      return content === 'gone' ? undefined : within(maxBytes, content)
    },
    fetchBlob: (source, hash, signal) =>
      call(source, signal, async (there, from) => {
        if (!from.registered) throw notYet(there)
        const blob = await there.handlers.findBlob(from, hash)
        if (!blob) return undefined
        const key = JSON.stringify(['fetch', there.peerId, hash])
        const held = await transfer(hub, there, member, key, { ...blob, hash })
        if (!held) throw refuses(source, 'its blob has another hash')
        return held
      }),
  }
}

export const seedOf = (profile: { readonly endpoint: string; readonly cert: string }): Seed => ({
  url: profile.endpoint,
  certSha256: sha256(Buffer.from(profile.cert)),
})

/** The seed of a party that has not started yet. */
export const seedOfParty = (peerId: string): Seed =>
  seedOf({ endpoint: endpointOf(peerId), cert: firstCertificateOf(peerId) })

const firstCertificateOf = (peerId: string): string => `${certificateStart(peerId)}1`

const endpointOf = (peerId: string): string => `memory://${encodeURIComponent(peerId)}`

function findTarget(
  { directory }: HubMember,
  to: string | Seed,
): { readonly peerId: string; trusts(certificate: string): boolean } {
  if (typeof to !== 'string') {
    const peerId = decodeURIComponent(to.url.slice('memory://'.length))
    return { peerId, trusts: (certificate) => sha256(Buffer.from(certificate)) === to.certSha256 }
  }
  const entry = directory.find(to)
  if (!entry) throw new NodeError('CC20204', { peer: to })
  return { peerId: entry.peerId, trusts: (certificate) => entry.certs.includes(certificate) }
}

async function spoken(
  from: PeerIdentity,
  sender: string,
  work: () => Promise<Verdict>,
): Promise<Verdict> {
  if (!from.registered) return 'later'
  return from.nodes.includes(sender) ? await work() : 'refused'
}

async function find(
  there: HubMember,
  from: PeerIdentity,
  hash: string,
): Promise<Uint8Array | 'gone' | undefined> {
  if (!from.registered) throw notYet(there)
  const content = await there.handlers.findPayload(from, hash)
  return typeof content === 'object' ? Buffer.from(content) : content
}

/** Moves a blob from one member's store to another's, going on where it broke; undefined when the hash differs. */
async function transfer(
  hub: MemoryHub,
  source: HubMember,
  target: HubMember,
  key: string,
  blob: { readonly payloadRef: string; readonly hash: string; readonly size: number },
): Promise<Held | undefined> {
  const start = await target.blobs.held(key)
  await target.blobs.append(key, start, breaking(hub, source.blobs.read(blob.payloadRef, start)))
  if (blob.size === 0) return await target.blobs.write(source.blobs.read(blob.payloadRef))
  return await target.blobs.finish(key, blob.hash)
}

async function* breaking(
  hub: MemoryHub,
  content: AsyncIterable<Uint8Array>,
): AsyncIterable<Uint8Array> {
  for await (const chunk of content) {
    const middle = Math.floor(chunk.length / 2)
    yield chunk.subarray(0, middle)
    if (hub.breaks()) throw new NodeError('CC20201', { peer: '', reason: 'the wire broke' })
    yield chunk.subarray(middle)
  }
}

function within(maxBytes: number, content: Uint8Array | undefined): Uint8Array | undefined {
  if (content && content.length > maxBytes) throw new NodeError('CC20003', { limit: maxBytes })
  return content
}

const notYet = ({ peerId }: HubMember): NodeError =>
  new NodeError('CC20201', { peer: peerId, reason: 'not a member there yet' })

const refuses = (to: string | Seed, reason: string): NodeError =>
  new NodeError('CC20202', { peer: typeof to === 'string' ? to : to.url, reason })

const sha256 = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex')
