import type { BlobStore, Exchange, Seed } from '../exchange/exchange.ts'
import type { Logger } from '../lib/logger.ts'
import type { World } from '../lib/world.ts'
import type { Database, Transaction } from '../store/database.ts'

/**
 * What was asked for. `absent`: everyone we know answered that they do not have it. `gone`: besides, one of them knows it of
 * all members, or the network as a whole says so, or there can be nothing of that reference.
 */
export type Fetched<T> =
  | { readonly state: 'found'; readonly content: T }
  | { readonly state: 'absent' }
  | { readonly state: 'gone' }
  | { readonly state: 'unreachable'; readonly reason: string }

/** Where broadcast payloads and published blobs live: anyone in the network can read them, by reference. */
export interface SharedStorage extends AsyncDisposable {
  /** Durable when it resolves; the same content gives the same reference. Pushing it to others may go on afterwards. */
  publish(content: Uint8Array): Promise<string>
  /** The same in the caller's transaction, where publishing needs no call. */
  publishIn?(tx: Transaction, content: Uint8Array): Promise<string>
  publishBlob(payloadRef: string, hash: string, size: number): Promise<string>
  /** Content of at most `maxBytes`; checked against the reference. */
  fetch(ref: string, maxBytes: number, signal: AbortSignal): Promise<Fetched<Uint8Array>>
  fetchBlob(
    ref: string,
    signal: AbortSignal,
  ): Promise<Fetched<{ readonly payloadRef: string; readonly hash: string; readonly size: number }>>
}

/** The node's own copy of payloads; durable when a call resolves. */
export interface PayloadStore {
  put(hash: string, content: Uint8Array): Promise<void>
  /** `put` within the caller's transaction. */
  putIn(tx: Transaction, hash: string, content: Uint8Array): Promise<void>
  /** `tx` when the caller is in a transaction. */
  get(hash: string, tx?: Transaction): Promise<Uint8Array | undefined>
}

export interface StorageDeps {
  readonly world: World
  readonly log: Logger
  readonly payloads: PayloadStore
  readonly blobs: BlobStore
  /** Our copy of a published blob by content hash. */
  readonly findBlob: (
    hash: string,
  ) => Promise<{ readonly payloadRef: string; readonly size: number } | undefined>
  readonly exchange: Exchange
  readonly seeds: readonly Seed[]
  /** Queues a durable push of a payload to every known member and seed. */
  readonly push: (tx: Transaction, hash: string) => Promise<void>
  readonly transaction: Database['transaction']
}

export interface StorageAdapter<Config = unknown> {
  /** As in `plugins.sharedstorage[].type`. */
  readonly type: string
  readonly configSchema: object
  create(config: Config, deps: StorageDeps): Promise<SharedStorage>
}
