import type { ProcessTables } from './process-schema.ts'
import type { TaskTables } from './task-schema.ts'

/**
 * The tables, as kysely sees them (snake_case in SQL, camelCase here). Conventions:
 * - `seq` is given by the writer (`Transaction.sequence`), starts at 1, grows in commit order, and is what REST calls "sequence".
 * - `namespace` is the local name. Times are text, RFC 3339 UTC with nine fraction digits, so that text order is time order.
 * - Flags are 0 or 1. JSON is text, kept as it came. Hashes are 64 lower-case hex digits. Lists (topics, pins) are comma-joined.
 */
export interface Tables extends ProcessTables, TaskTables {
  namespaces: NamespaceRow
  messages: MessageRow
  messageData: MessageDataRow
  data: DataRow
  blobs: BlobRow
  batches: BatchRow
  payloads: PayloadRow
  pins: PinRow
  nextpins: NextPinRow
  nonces: NonceRow
  groups: GroupRow
  identities: IdentityRow
  verifiers: VerifierRow
  datatypes: DatatypeRow
  transactions: TransactionRow
  operations: OperationRow
  blockchainEvents: BlockchainEventRow
  events: EventRow
  subscriptions: SubscriptionRow
  offsets: OffsetRow
  chainCheckpoints: ChainCheckpointRow
  chainTransactions: ChainTransactionRow
  outbox: OutboxRow
}

export interface NamespaceRow {
  /** Local name. */
  name: string
  /** Of its first start. */
  created: string
  /** JSON array of the contracts that the network has left behind, in their order: {"address","finalEvent"}. */
  terminated: string
}

/** Unique by (namespace, id, hash): an author who sends two messages under one id has both judged, in the chain's order. */
export interface MessageRow {
  seq: number
  namespace: string
  id: string
  type: string
  txtype: string | null
  cid: string | null
  author: string
  key: string
  created: string
  /** `header.namespace`: the network's name for the namespace, as the author wrote it. */
  networkNamespace: string
  groupHash: string | null
  topics: string
  tag: string | null
  datahash: string
  txparentType: string | null
  txparentId: string | null
  hash: string
  batch: string | null
  tx: string | null
  /** staged | ready | sent | pending | confirmed | rejected | cancelled */
  state: string
  confirmed: string | null
  rejectReason: string | null
  /** `hash:nonce` per topic, comma-joined; null when not private or not yet sealed. */
  pins: string | null
  idempotencyKey: string | null
  /** JSON array of {"id","hash"}. */
  dataRefs: string
  /** Estimated bytes in a batch: 1024 + sum(256 + value length). */
  size: number
}

export interface MessageDataRow {
  namespace: string
  dataId: string
  messageId: string
}

/** Unique by (namespace, id, hash): nobody can occupy an id that another's message refers to. */
export interface DataRow {
  seq: number
  namespace: string
  id: string
  validator: string
  datatypeName: string | null
  datatypeVersion: string | null
  hash: string
  created: string
  /** The value's canonical JSON text; null when there is none. */
  value: string | null
  public: string | null
  blobHash: string | null
  blobPublic: string | null
  blobName: string | null
  blobPath: string | null
  blobSize: number | null
}

/** A blob's bytes are held in the blob store under `payloadRef`. */
export interface BlobRow {
  seq: number
  namespace: string
  hash: string
  size: number
  payloadRef: string
  created: string
  dataId: string
}

/** Unique by (namespace, hash, payload_ref): the payload's own metadata is authenticated only by where the pin says it is. */
export interface BatchRow {
  seq: number
  namespace: string
  id: string
  type: string
  author: string
  key: string
  groupHash: string | null
  node: string | null
  created: string
  hash: string
  manifest: string
  /** Shared storage's reference; '' for a private batch. */
  payloadRef: string
  txType: string
  txId: string
  confirmed: string | null
  /** Ours: sealed (to send), sent (payload durable, pin handed to the chain), cancelled. Others': received. */
  state: string
}

/** Batch payloads by batch hash (private) or by content hash (broadcast), served to members who ask again. */
export interface PayloadRow {
  hash: string
  content: Uint8Array
  size: number
  created: string
  /** plain | deflate */
  encoding: string
}

export interface PinRow {
  /** Position in the chain's order as this node read it. */
  seq: number
  namespace: string
  masked: number
  hash: string
  batch: string
  batchHash: string
  idx: number
  /** 0 open; 1 settled: its message was decided, or the pin is void; 2 set aside: nobody holds its payload and it may hold nobody up. */
  dispatched: number
  signer: string
  created: string
  /** `%012d/%06d/%06d` block/transaction/log: with `idx`, the position every node agrees on. */
  protocolId: string
  payloadRef: string
  txId: string
  /** Index of the contract it was read from: all pins of one come before those of the next. */
  contract: number
}

export interface NextPinRow {
  seq: number
  namespace: string
  context: string
  identity: string
  hash: string
  nonce: number
  groupHash: string
  topic: string
}

export interface NonceRow {
  namespace: string
  hash: string
  nonce: number
}

export interface GroupRow {
  seq: number
  namespace: string
  networkNamespace: string
  hash: string
  name: string
  /** JSON array of {"identity","node"}, sorted by identity. */
  members: string
  message: string | null
  created: string
}

export interface IdentityRow {
  seq: number
  namespace: string
  id: string
  did: string
  type: string
  parent: string | null
  name: string
  description: string | null
  profile: string | null
  claimMessage: string | null
  verificationMessage: string | null
  updateMessage: string | null
  created: string
  updated: string
}

export interface VerifierRow {
  seq: number
  namespace: string
  hash: string
  identity: string
  type: string
  value: string
  created: string
  /** `pins.seq` of the pin that made the registration take effect; 0 in gateway mode. */
  position: number
}

export interface DatatypeRow {
  seq: number
  namespace: string
  id: string
  message: string | null
  validator: string
  name: string
  version: string
  hash: string
  created: string
  value: string
  /** `pins.seq` of the pin that confirmed it: messages pinned before do not know it. */
  position: number
}

export interface TransactionRow {
  seq: number
  namespace: string
  id: string
  type: string
  created: string
  idempotencyKey: string | null
  blockchainIds: string | null
}

export interface OperationRow {
  seq: number
  namespace: string
  id: string
  tx: string
  type: string
  /** Initialized | Pending | Succeeded | Failed */
  status: string
  plugin: string
  input: string | null
  output: string | null
  error: string | null
  created: string
  updated: string
  /** The operation that replaced this one. */
  retry: string | null
}

export interface BlockchainEventRow {
  seq: number
  namespace: string
  id: string
  source: string
  name: string
  listener: string | null
  protocolId: string
  output: string
  info: string
  timestamp: string
  txType: string | null
  txId: string | null
  txBlockchainId: string | null
}

export interface EventRow {
  seq: number
  namespace: string
  id: string
  type: string
  reference: string
  correlator: string | null
  tx: string | null
  topic: string | null
  created: string
}

export interface SubscriptionRow {
  seq: number
  namespace: string
  id: string
  name: string
  transport: string
  filter: string
  /** Without the secret: callers may filter by this text. */
  options: string
  /** Signs what is delivered. */
  secret: string | null
  created: string
  updated: string
}

export interface OffsetRow {
  type: string
  name: string
  current: number
}

/** How far a listener has read, and the block hashes it would notice a reorganisation by. */
export interface ChainCheckpointRow {
  name: string
  checkpoint: string
}

/** Every transaction we ever signed, written before it was sent. */
export interface ChainTransactionRow {
  /** The operation's id: submitting the same id twice is one transaction. */
  id: string
  chain: string
  key: string
  nonce: number
  /** signed | mined | failed */
  state: string
  /** The chain adapter's own record, JSON. */
  record: string
  error: string | null
  created: string
}

export interface OutboxRow {
  seq: number
  namespace: string
  /** The operation's id. */
  id: string
  /** `peerId/nodeName` of the receiver. */
  recipient: string
  /** message | blob | payload */
  kind: string
  /** payloads.hash, or the blob's `dataId`. */
  ref: string
  attempts: number
  /** Milliseconds since 1970: not before. */
  due: number
  created: string
}
