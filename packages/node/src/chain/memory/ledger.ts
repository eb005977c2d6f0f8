import { sha256Hex } from '@concordat/protocol'
import type { World } from '../../lib/world.ts'
import type { Pin } from '../chain.ts'

export type LedgerCall =
  | { readonly method: 'pinBatch'; readonly pin: Pin }
  | { readonly method: 'networkAction'; readonly action: string; readonly payload: string }
  /** An event whose fields make no sense to anyone. */
  | { readonly method: 'junk' }

export interface LedgerTransaction {
  readonly hash: string
  /** Lower case. */
  readonly key: string
  readonly nonce: number
  readonly contract: string
  readonly call: LedgerCall
}

export interface MinedTransaction extends LedgerTransaction {
  /** Why it was reverted; absent if it was not. */
  readonly error?: string
}

export interface LedgerBlock {
  readonly number: number
  readonly hash: string
  readonly parentHash: string
  /** Seconds since 1970. */
  readonly timestamp: number
  readonly transactions: readonly MinedTransaction[]
}

export interface LedgerContract {
  readonly address: string
  readonly confirmations: number
  /** Who may pin; anyone if empty. */
  readonly writers: readonly string[]
}

export interface LedgerOptions {
  readonly world: Pick<World, 'now' | 'sleep' | 'random'>
  /** A block for each transaction, at once, if absent; blocks come only from `mine` if 'manual'. */
  readonly blockTimeMs?: number | 'manual'
  /** Tells one ledger's genesis from another's. */
  readonly name?: string
  /** Whether transactions of different keys are mined in an order drawn by chance instead of as they came. */
  readonly reorder?: boolean
  readonly maxPerBlock?: number
}

export interface Place {
  readonly block: LedgerBlock
  readonly index: number
  readonly transaction: MinedTransaction
}

export type SendResult = 'accepted' | 'known' | 'nonceTooLow'

/** What a node has of a ledger. */
export type LedgerEnd = Pick<
  MemoryLedger,
  'blocks' | 'contracts' | 'minedCount' | 'find' | 'send' | 'onChange'
>

/** A chain in this process, seen by any number of nodes. Under a seeded world it is the same every time. */
export class MemoryLedger implements AsyncDisposable {
  readonly contracts = new Map<string, LedgerContract>()
  readonly #options: LedgerOptions
  readonly #stop = new AbortController()
  readonly #listeners = new Set<() => void>()
  readonly #blocks: LedgerBlock[]
  readonly #ticking: Promise<void>
  /** Where each mined transaction stands, by hash. */
  readonly #places = new Map<string, Place>()
  /** Transactions mined, by key. */
  readonly #counts = new Map<string, number>()
  /** Those not mined, in order of arrival. */
  #pool: LedgerTransaction[] = []
  /** Tells blocks apart that replace each other. */
  #salt = 0

  constructor(options: LedgerOptions) {
    this.#options = options
    const hash = `0x${sha256Hex(`genesis ${options.name ?? ''}`)}`
    this.#blocks = [{ number: 0, hash, parentHash: '0x', timestamp: 0, transactions: [] }]
    const { blockTimeMs } = options
    this.#ticking = typeof blockTimeMs === 'number' ? this.#tick(blockTimeMs) : Promise.resolve()
  }

  get blocks(): readonly LedgerBlock[] {
    return this.#blocks
  }

  deploy(confirmations: number, writers: readonly string[] = []): LedgerContract {
    const address = `0x${sha256Hex(`contract ${this.contracts.size}`).slice(0, 40)}`
    const contract = { address, confirmations, writers }
    this.contracts.set(address, contract)
    return contract
  }

  /** Transactions that wait for a block. */
  get waiting(): number {
    return this.#pool.length
  }

  /** The nonce a key's next transaction needs, as of the last block. */
  minedCount(key: string): number {
    return this.#counts.get(key) ?? 0
  }

  find(hash: string): Place | undefined {
    return this.#places.get(hash)
  }

  send(transaction: LedgerTransaction): SendResult {
    const { hash, key, nonce } = transaction
    if (this.#places.has(hash)) return 'known'
    if (this.#pool.some((waiting) => waiting.hash === hash)) return 'known'
    const taken = this.#pool.some((waiting) => waiting.key === key && waiting.nonce === nonce)
    if (taken || nonce < this.minedCount(key)) return 'nonceTooLow'
    this.#pool.push(transaction)
    if (this.#options.blockTimeMs === undefined) this.mine()
    return 'accepted'
  }

  /** Adds blocks, the first with what waits and can be mined. */
  mine(count = 1): void {
    for (let i = 0; i < count; i++) this.#append(this.#takeMinable())
    this.#tell()
  }

  /**
   * Replaces the last `depth` blocks by as many others, and one more. What they held is mined again, in another order
   * across keys if the ledger reorders, or goes back to waiting if `drop` says so.
   */
  reorganise(depth: number, drop: (transaction: LedgerTransaction) => boolean = () => false): void {
    const gone = this.#cut(depth)
    const held = gone.flatMap(({ transactions }) => transactions).map(unmined)
    const dropped = held.filter(drop)
    this.#pool = [...held.filter((transaction) => !drop(transaction)), ...this.#pool]
    for (let i = 0; i <= depth; i++) this.#append(this.#takeMinable())
    this.#pool.push(...dropped)
    this.#tell()
  }

  /** Forgets the last `count` blocks and all that waits, as after a crash with a state saved too early. */
  lose(count: number): void {
    this.#cut(count)
    this.#pool = []
    this.#tell()
  }

  /** Calls `listener` after each change of the chain, until the function it returns is called. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#ticking
  }

  async #tick(ms: number): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      await this.#options.world.sleep(ms, signal).catch(() => {})
      if (!signal.aborted) this.mine()
    }
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener()
  }

  #takeMinable(): LedgerTransaction[] {
    const { reorder, maxPerBlock = 1_000 } = this.#options
    const next = new Map<string, number>()
    const taken: LedgerTransaction[] = []
    const queue = reorder ? this.#shuffle(this.#pool) : [...this.#pool]
    for (let progress = true; progress && taken.length < maxPerBlock; ) {
      progress = false
      for (const [index, transaction] of queue.entries()) {
        const nonce = next.get(transaction.key) ?? this.minedCount(transaction.key)
        if (transaction.nonce !== nonce || taken.length >= maxPerBlock) continue
        next.set(transaction.key, nonce + 1)
        taken.push(transaction)
        queue.splice(index, 1)
        progress = true
        break
      }
    }
    const hashes = new Set(taken.map(({ hash }) => hash))
    this.#pool = this.#pool.filter(({ hash }) => !hashes.has(hash))
    return taken
  }

  #cut(count: number): LedgerBlock[] {
    const gone = this.#blocks.splice(this.#blocks.length - count, count)
    for (const { hash, key } of gone.flatMap(({ transactions }) => transactions)) {
      this.#places.delete(hash)
      this.#counts.set(key, this.minedCount(key) - 1)
    }
    return gone
  }

  #append(transactions: readonly LedgerTransaction[]): void {
    const parent = this.#blocks.at(-1)
    const number = this.#blocks.length
    const parentHash = parent?.hash ?? '0x'
    const content = transactions.map(({ hash }) => hash).join()
    const hash = `0x${sha256Hex(`${parentHash} ${number} ${content} ${this.#salt++}`)}`
    const timestamp = Math.max(
      Math.floor(this.#options.world.now() / 1_000),
      parent?.timestamp ?? 0,
    )
    const mined = transactions.map((transaction) => this.#execute(transaction))
    const block = { number, hash, parentHash, timestamp, transactions: mined }
    this.#blocks.push(block)
    for (const [index, transaction] of mined.entries()) {
      this.#places.set(transaction.hash, { block, index, transaction })
      this.#counts.set(transaction.key, this.minedCount(transaction.key) + 1)
    }
  }

  #execute(transaction: LedgerTransaction): MinedTransaction {
    const writers = this.contracts.get(transaction.contract)?.writers ?? []
    const refused = writers.length > 0 && !writers.includes(transaction.key)
    return refused
      ? { ...transaction, error: `WriterNotAdmitted(${transaction.key})` }
      : transaction
  }

  #shuffle<T>(items: readonly T[]): T[] {
    const shuffled = [...items]
    const chance = this.#options.world.random(shuffled.length * 2)
    for (let i = shuffled.length - 1; i > 0; i--) {
      const draw = (chance[i * 2] ?? 0) * 256 + (chance[i * 2 + 1] ?? 0)
      const j = draw % (i + 1)
      const [a, b] = [shuffled[i], shuffled[j]]
      if (a !== undefined && b !== undefined) [shuffled[i], shuffled[j]] = [b, a]
    }
    return shuffled
  }
}

const unmined = ({ hash, key, nonce, contract, call }: MinedTransaction): LedgerTransaction => ({
  hash,
  key,
  nonce,
  contract,
  call,
})

/** A ledger for `memoryAdapter`. */
export const createMemoryLedger = (options: LedgerOptions): MemoryLedger =>
  new MemoryLedger(options)
