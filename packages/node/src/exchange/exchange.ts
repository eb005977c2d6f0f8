import type { Readable } from 'node:stream'
import type { Logger } from '../lib/logger.ts'
import type { World } from '../lib/world.ts'

/** What a node tells the others about itself, in its node identity's profile (FireFly's data-exchange form). */
export interface PeerProfile {
  /** `peerId/nodeName`. */
  readonly id: string
  /** `https://host:port`. */
  readonly endpoint: string
  /** PEM of the peer's certificate(s). */
  readonly cert: string
}

/** Someone to talk to before being registered, from an invitation. */
export interface Seed {
  readonly url: string
  /** SHA-256 of the certificate's DER, 64 hex digits. */
  readonly certSha256: string
}

/** How a receiver answers a push. `later` means: not now, ask again (unknown sender, payload not announced yet). */
export type Verdict = 'accepted' | 'refused' | 'later'

/** The caller as its certificate shows it. */
export interface PeerIdentity {
  /** `peerId`, as the certificate's subject claims it; proves nothing by itself. */
  readonly id: string
  /** Whether any profile with this certificate was added. */
  readonly registered: boolean
  /** The nodes (`peerId/nodeName`) this certificate is registered for: decide by these what the caller may have. */
  readonly nodes: readonly string[]
}

/** What the node does with what arrives. Each resolves when the outcome is durable. */
export interface ExchangeHandlers {
  /** A registered peer made a call, whatever it was: it is there. */
  heard?(from: PeerIdentity): void
  /** A batch (FireFly's TransportWrapper JSON) from `sender` (`peerId/nodeName`, proven by its certificate). */
  message(sender: string, recipient: string, message: Uint8Array): Promise<Verdict>
  /** A private blob at `path` (`{networkNamespace}/{dataId}`); the bytes are in the blob store under `payloadRef` already, hashed. */
  blob(
    sender: string,
    recipient: string,
    blob: {
      readonly path: string
      readonly payloadRef: string
      readonly hash: string
      readonly size: number
    },
  ): Promise<Verdict>
  /** A broadcast payload pushed by content hash, which it was checked against. */
  payload(from: PeerIdentity, hash: string, content: Uint8Array): Promise<Verdict>
  /**
   * Someone asks for a content-addressed payload, or a private batch (`batchHash`) of which it must be a party. `gone`: we
   * know of every member that it does not hold it.
   */
  findPayload(from: PeerIdentity, hash: string): Promise<Uint8Array | 'gone' | undefined>
  /** Someone asks for a published blob by content hash. */
  findBlob(
    from: PeerIdentity,
    hash: string,
  ): Promise<{ readonly payloadRef: string; readonly size: number } | undefined>
}

/** Bytes of blobs, on disk (or in memory, for simulation); content is hashed while it is written. */
export interface BlobStore {
  /** Streams to a new place; resolves when the bytes are durable. */
  write(
    content: AsyncIterable<Uint8Array>,
  ): Promise<{ readonly payloadRef: string; readonly hash: string; readonly size: number }>
  read(payloadRef: string, start?: number): Readable
  remove(payloadRef: string): Promise<void>
  /** Bytes held of an unfinished write, by a key of the caller's; 0 when there is none. */
  held(key: string): Promise<number>
  /** Adds to an unfinished write, which must hold `start` bytes. What arrived stays held when `content` breaks. Not concurrent for one key. */
  append(key: string, start: number, content: AsyncIterable<Uint8Array>): Promise<void>
  /** Ends an unfinished write if its content has this hash, durably; else drops what was held and resolves undefined. */
  finish(
    key: string,
    hash: string,
  ): Promise<
    { readonly payloadRef: string; readonly hash: string; readonly size: number } | undefined
  >
  /** Drops unfinished writes untouched for `ageMs`. */
  sweep(ageMs: number): Promise<void>
}

/** Attempts once. A failure that may pass is thrown as retryable NodeError (`EXCHANGE_PEER_DOWN`), one that can't as final. */
export interface Exchange extends AsyncDisposable {
  /** Our own endpoint and certificate; `id` is `peerId/nodeName`. */
  profile(nodeName: string): PeerProfile
  /** Makes a registered peer known (or replaces its certificate: both stay valid until `removeCertificate`). Idempotent. */
  addPeer(profile: PeerProfile): void
  /** Stops trusting one certificate (PEM) of a peer; connections made with it end. The last one added can't be removed. */
  removeCertificate(id: string, cert: string): void
  /** Ids (`peerId/nodeName`) of all peers added, ourselves excluded. */
  peers(): readonly string[]
  sendMessage(
    sender: string,
    recipient: string,
    message: Uint8Array,
    signal: AbortSignal,
  ): Promise<Verdict>
  /** Streams a private blob; resumes where the peer says a broken transfer ended. */
  sendBlob(
    sender: string,
    recipient: string,
    blob: {
      readonly path: string
      readonly payloadRef: string
      readonly hash: string
      readonly size: number
    },
    signal: AbortSignal,
  ): Promise<Verdict>
  /** Pushes a content-addressed payload to a peer, or to a seed. */
  sendPayload(
    to: string | Seed,
    hash: string,
    content: Uint8Array,
    signal: AbortSignal,
  ): Promise<Verdict>
  /** Asks one peer or seed; undefined: it answered that it has no such payload; `gone`: that no member has it. */
  fetchPayload(
    from: string | Seed,
    hash: string,
    maxBytes: number,
    signal: AbortSignal,
  ): Promise<Uint8Array | 'gone' | undefined>
  /** Asks for a private batch by its batch hash, as a party to it. */
  fetchBatch(
    from: string,
    batchHash: string,
    maxBytes: number,
    signal: AbortSignal,
  ): Promise<Uint8Array | undefined>
  /** Streams a published blob into the blob store; undefined: the peer does not have it. */
  fetchBlob(
    from: string | Seed,
    hash: string,
    signal: AbortSignal,
  ): Promise<
    { readonly payloadRef: string; readonly hash: string; readonly size: number } | undefined
  >
  ping(peer: string, signal: AbortSignal): Promise<boolean>
}

export interface ExchangeDeps {
  readonly world: World
  readonly log: Logger
  readonly blobs: BlobStore
  readonly handlers: ExchangeHandlers
  /** Folder for keys and certificates; made if missing. */
  readonly dataDir: string
}

export interface ExchangeAdapter<Config = unknown> {
  /** As in `plugins.dataexchange[].type`. */
  readonly type: string
  readonly configSchema: object
  create(config: Config, deps: ExchangeDeps): Promise<Exchange>
}
