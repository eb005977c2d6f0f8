import type { Readable } from 'node:stream'
import type {
  Batch,
  BatchManagerStatus,
  BlockedTopic,
  Data,
  DataInput,
  Datatype,
  Identity,
  IdentityInput,
  IdentityUpdateInput,
  Message,
  MessageInOut,
  MessageInput,
  MultipartyStatus,
  NamespaceStatus,
  Operation,
} from '@concordat/protocol'
import type { EventLog } from './events/log.ts'
import type { ProcessCommands } from './processes/processes.ts'
import type { Database } from './store/database.ts'
import type { Subscriptions } from './subscribers/subscriptions.ts'
import type { TaskCommands } from './tasks/tasks.ts'

/** How long the caller waits (`confirm=true`), in milliseconds, and when it hangs up. */
export interface Wait {
  readonly confirm: boolean
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

export interface UploadedBlob {
  readonly content: AsyncIterable<Uint8Array>
  readonly filename?: string
  /** The part's content type. */
  readonly mimetype?: string
}

export interface UploadFields {
  readonly validator?: string
  readonly datatype?: { readonly name?: string; readonly version?: string }
  /** JSON text, canonical. */
  readonly value?: string
  readonly autometa?: boolean
}

/** Everything a caller may ask of one namespace. Reads that are plain queries go to the tables directly. */
export interface Namespace {
  /** Local name. */
  readonly name: string
  readonly networkName: string
  readonly description: string
  /** RFC 3339. */
  readonly created: string
  readonly multiparty: boolean
  readonly state:
    | { readonly kind: 'starting' }
    | { readonly kind: 'ready' }
    | { readonly kind: 'stopped'; readonly reason: string }

  readonly messages: MessageCommands
  readonly data: DataCommands
  readonly network: NetworkCommands
  readonly operations: OperationCommands
  readonly processes: ProcessCommands
  readonly tasks: TaskCommands
  readonly subscriptions: Subscriptions
  readonly events: EventLog
  readonly database: Database

  status(): Promise<NamespaceStatus>
  batchManagerStatus(): BatchManagerStatus
  multipartyStatus(): Promise<MultipartyStatus>
  blocked(): Promise<readonly BlockedTopic[]>
}

export interface MessageCommands {
  /** Resolves when the message is durable, or with `confirm` when it is final. */
  broadcast(input: MessageInput, wait: Wait): Promise<Message>
  sendPrivate(input: MessageInput, wait: Wait): Promise<Message>
  /** Sends a private message and waits for the first confirmed one whose `cid` is its id. */
  requestReply(input: MessageInput, wait: Wait): Promise<MessageInOut>
}

export interface DataCommands {
  upload(input: DataInput): Promise<Data>
  uploadBlob(fields: UploadFields, blob: UploadedBlob): Promise<Data>
  readBlob(
    id: string,
  ): Promise<{ readonly content: Readable; readonly hash: string; readonly size: number }>
  publishValue(id: string, idempotencyKey?: string): Promise<Data>
  publishBlob(id: string, idempotencyKey?: string): Promise<Data>
  remove(id: string): Promise<void>
  createDatatype(
    input: {
      readonly name?: string
      readonly version?: string
      readonly validator?: string
      readonly value: string
    },
    wait: Wait,
  ): Promise<Datatype>
}

export interface NetworkCommands {
  registerOrganization(input: IdentityInput | 'self', wait: Wait): Promise<Identity>
  registerNode(wait: Wait): Promise<Identity>
  registerIdentity(input: IdentityInput, wait: Wait): Promise<Identity>
  updateIdentity(id: string, input: IdentityUpdateInput, wait: Wait): Promise<Identity>
  action(input: { readonly type: string }): Promise<{ readonly type: string }>
  resolveVerifier(input: { readonly type?: string; readonly value: string }): {
    readonly type: string
    readonly value: string
  }
}

export interface OperationCommands {
  retry(operationId: string): Promise<Operation>
  cancelBatch(batchId: string): Promise<Batch>
  /** Looks again at what waits from a pin sequence, or for a batch. */
  rewind(input: {
    readonly sequence?: number
    readonly batch?: string
  }): Promise<{ readonly sequence: number; readonly batch?: string }>
  /** Asks every holder for a batch's payload again, now. */
  requestPayload(batchId: string): Promise<void>
}
