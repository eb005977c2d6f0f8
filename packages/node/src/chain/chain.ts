import type { Logger } from '../lib/logger.ts'
import type { World } from '../lib/world.ts'

/** A smart contract's address, or the whole of what another kind of chain needs to find it. */
export interface ContractLocation {
  readonly address: string
}

/** What a node puts on chain for a batch: hashes, and nothing else. */
export interface Pin {
  /** UUID of the FireFly transaction. */
  readonly txId: string
  readonly batchId: string
  /** 64 hex digits. */
  readonly batchHash: string
  /** Where shared storage holds the payload; '' for a private batch. */
  readonly payloadRef: string
  /** Per message, per topic: the topic's hash (broadcast) or the masked pin (private); 64 hex digits each. */
  readonly contexts: readonly string[]
}

export type Submission =
  | {
      readonly id: string
      readonly key: string
      readonly contract: ContractLocation
      readonly method: 'pinBatch'
      readonly pin: Pin
    }
  | {
      readonly id: string
      readonly key: string
      readonly contract: ContractLocation
      readonly method: 'networkAction'
      readonly action: string
      readonly payload: string
    }

/** The end of a submission, told once it is final by the chain's own confirmations. */
export type Receipt =
  | {
      readonly id: string
      readonly status: 'succeeded'
      readonly transactionHash: string
      readonly protocolId: string
    }
  | {
      readonly id: string
      readonly status: 'failed'
      readonly transactionHash?: string
      readonly error: string
    }

/** One BatchPin event. Fields that came undecodable make the event `null` in its page: skipped, logged, never fatal. */
export interface ChainEvent {
  /** `%012d/%06d/%06d` block number/transaction index/log index: sorts in chain order. */
  readonly protocolId: string
  readonly blockNumber: number
  readonly blockHash: string
  readonly transactionHash: string
  readonly transactionIndex: number
  readonly logIndex: number
  /** The block's time, seconds since 1970. */
  readonly timestamp: number
  /** The author's key as `normaliseKey` gives it. */
  readonly signer: string
  /** `firefly:batch_pin`, `firefly:contract_invoke_pin`, or a network action such as `firefly:terminate`. */
  readonly action: string
  readonly txId: string
  readonly batchId: string
  readonly batchHash: string
  readonly payloadRef: string
  readonly contexts: readonly string[]
  readonly contract: string
}

/** Opaque to everyone but the adapter; JSON. Holds (number, hash), verified against the chain on every page. */
export type Checkpoint = string

export interface ChainPage {
  /** Final events in chain order; may be empty (the checkpoint still moved). */
  readonly events: readonly ChainEvent[]
  readonly checkpoint: Checkpoint
}

export interface Profile {
  /** 2: FireFly's second network version, and ours. */
  readonly networkVersion: number
  /** The network's agreed confirmations, where the contract states them. */
  readonly confirmations?: number
}

export interface Chain extends AsyncDisposable {
  readonly name: string
  /** `instant`: an event once seen stays. `probabilistic`: only events below the confirmation depth are told. */
  readonly finality: 'instant' | 'probabilistic'
  /** FireFly's verifier type for keys of this chain, such as `ethereum_address`. */
  readonly verifierType: string
  /** A key in the form events and verifiers carry it. Throws a NodeError for what cannot be a key. */
  normaliseKey(key: string): string
  /** Whether this node can sign for a key. */
  canSign(key: string): Promise<boolean>
  profile(contract: ContractLocation): Promise<Profile>
  /**
   * Writes a signed transaction to the journal, then hands it to the chain; resolves when both are done. Transactions of one
   * key are mined in the order of these calls. The same `id` again changes nothing. The end comes through `ChainDeps.settled`.
   * Throws CC20102 while the chain is known not to answer: then nothing was signed.
   */
  submit(submission: Submission): Promise<void>
  /**
   * Final events after `from` (or from `firstEvent` when null), page by page, for ever. The consumer asks for the next page when it
   * has committed the last. Throws `CHAIN_FORKED` when the chain contradicts the checkpoint: then the namespace must stop.
   */
  pages(
    contract: ContractLocation,
    from: Checkpoint | null,
    signal: AbortSignal,
    options?: { readonly firstEvent?: string },
  ): AsyncIterable<ChainPage>
  /** For `/status` and `doctor`: the head as this node sees it. */
  head(): Promise<{
    readonly blockNumber: number
    readonly timestamp: number
    readonly chainId: string
  }>
  /** Since when (milliseconds since 1970) and why the chain has given no answer; undefined while it answers. */
  silence(): Silence | undefined
}

export interface Silence {
  readonly since: number
  readonly reason: string
}

/** A journal entry: what was signed, before it was sent. */
export interface JournalEntry {
  readonly id: string
  readonly key: string
  readonly nonce: number
  readonly state: 'signed' | 'mined' | 'failed'
  /** The adapter's own facts, JSON: raw transaction, hashes of it and its replacements, gas, first sent at. */
  readonly record: string
  readonly error?: string
}

/** Where an adapter keeps its signed transactions; durable when a call resolves. */
export interface Journal {
  find(id: string): Promise<JournalEntry | undefined>
  /** The highest nonce ever signed for a key, or undefined. */
  lastNonce(key: string): Promise<number | undefined>
  /** All in state `signed`, by key and nonce. */
  open(): Promise<JournalEntry[]>
  save(entries: readonly JournalEntry[]): Promise<void>
}

export interface ChainDeps {
  readonly world: World
  readonly log: Logger
  readonly journal: Journal
  /** Called for each submission that ended; may be called again after a restart. Resolves when the news is durable. */
  readonly settled: (receipts: readonly Receipt[]) => Promise<void>
}

/** A kind of chain. `create` gets the plugin's section of the configuration, already checked against `configSchema`. */
export interface ChainAdapter<Config = unknown> {
  /** As in `plugins.blockchain[].type`. */
  readonly type: string
  /** JSON Schema of the plugin's section. */
  readonly configSchema: object
  create(config: Config, deps: ChainDeps): Promise<Chain>
}
