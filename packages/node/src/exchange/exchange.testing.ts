import { createHash } from 'node:crypto'
import { NodeError } from '@concordat/protocol'
import { createSystemWorld } from '../lib/world.ts'
import type {
  BlobStore,
  Exchange,
  ExchangeHandlers,
  PeerIdentity,
  Seed,
  Verdict,
} from './exchange.ts'
import { createMemoryBlobStore } from './memory-blobs.ts'

/** What a party under test is made of: its handlers record what came and answer as told. */
export interface TestParty {
  readonly peerId: string
  readonly id: string
  readonly exchange: Exchange
  readonly blobs: BlobStore
  readonly arrived: Arrival[]
  /** What the handlers answer from now on. */
  verdict: Verdict
  readonly payloads: Map<string, Uint8Array>
  /** What it says nobody holds. */
  readonly gone: Set<string>
  readonly published: Map<string, { readonly payloadRef: string; readonly size: number }>
  seed(): Seed
}

export type Arrival =
  | {
      readonly kind: 'message'
      readonly sender: string
      readonly recipient: string
      readonly message: string
    }
  | {
      readonly kind: 'blob'
      readonly sender: string
      readonly recipient: string
      readonly path: string
      readonly hash: string
      readonly size: number
      readonly payloadRef: string
    }
  | {
      readonly kind: 'payload'
      readonly from: PeerIdentity
      readonly hash: string
      readonly content: string
    }
  | { readonly kind: 'find'; readonly from: PeerIdentity; readonly hash: string }

export type StartExchange = (
  peerId: string,
  blobs: BlobStore,
  handlers: ExchangeHandlers,
) => Promise<{ readonly exchange: Exchange; readonly seed: () => Seed }>

export const sha256 = (content: Uint8Array): string =>
  createHash('sha256').update(content).digest('hex')

/** A party whose node is called `node`, not yet known to anyone. */
export async function createTestParty(peerId: string, start: StartExchange): Promise<TestParty> {
  const blobs = createMemoryBlobStore(createSystemWorld())
  const arrived: Arrival[] = []
  const payloads = new Map<string, Uint8Array>()
  const gone = new Set<string>()
  const published = new Map<string, { payloadRef: string; size: number }>()
  const handlers: ExchangeHandlers = {
    async message(sender, recipient, message) {
      arrived.push({ kind: 'message', sender, recipient, message: Buffer.from(message).toString() })
      return party.verdict
    },
    async blob(sender, recipient, blob) {
      arrived.push({ kind: 'blob', sender, recipient, ...blob })
      return party.verdict
    },
    async payload(from, hash, content) {
      arrived.push({ kind: 'payload', from, hash, content: Buffer.from(content).toString() })
      return party.verdict
    },
    async findPayload(from, hash) {
      arrived.push({ kind: 'find', from, hash })
      return gone.has(hash) ? 'gone' : payloads.get(hash)
    },
    findBlob: async (_from, hash) => published.get(hash),
  }
  const { exchange, seed } = await start(peerId, blobs, handlers)
  const party: TestParty = {
    peerId,
    id: `${peerId}/node`,
    exchange,
    blobs,
    arrived,
    verdict: 'accepted',
    payloads,
    gone,
    published,
    seed,
  }
  return party
}

export function introduce(...parties: readonly TestParty[]): void {
  for (const party of parties) {
    for (const other of parties) {
      if (other !== party) party.exchange.addPeer(other.exchange.profile('node'))
    }
  }
}

export async function* from(...chunks: readonly Uint8Array[]): AsyncIterable<Uint8Array> {
  yield* chunks
}

export const isRetryable = (error: unknown): boolean =>
  error instanceof NodeError && error.retryable
