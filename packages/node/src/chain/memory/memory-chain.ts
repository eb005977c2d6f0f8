import { NodeError, sha256Hex } from '@concordat/protocol'
import type { Chain, ChainDeps, JournalEntry, Receipt, Submission } from '../chain.ts'
import { toProtocolId } from '../protocol-id.ts'
import type { MemoryConfig } from './index.ts'
import type { LedgerEnd, LedgerTransaction, Place } from './ledger.ts'
import { readPages, type View } from './pages.ts'

interface Open {
  readonly id: string
  transaction: LedgerTransaction
}

/** One node's end of a memory ledger. */
export async function createMemoryChain(
  ledger: LedgerEnd,
  config: MemoryConfig,
  deps: ChainDeps,
): Promise<Chain> {
  const chain = new MemoryChain(ledger, config, deps)
  await chain.start()
  return chain
}

class MemoryChain implements Chain {
  readonly name = 'memory'
  readonly finality = 'probabilistic'
  readonly verifierType = 'ethereum_address'
  readonly #ledger: LedgerEnd
  readonly #config: MemoryConfig
  readonly #deps: ChainDeps
  readonly #stop = new AbortController()
  readonly #open = new Map<string, Open>()
  #last: Promise<unknown> = Promise.resolve()
  #watching: Promise<void> = Promise.resolve()

  constructor(ledger: LedgerEnd, config: MemoryConfig, deps: ChainDeps) {
    this.#ledger = ledger
    this.#config = config
    this.#deps = deps
  }

  async start(): Promise<void> {
    for (const { id, record } of await this.#deps.journal.open()) {
      const transaction: LedgerTransaction = JSON.parse(record)
      this.#open.set(id, { id, transaction })
    }
    this.#watching = this.#watch()
  }

  normaliseKey(key: string): string {
    const digits = key.toLowerCase().replace(/^0x/, '')
    if (!/^[0-9a-f]{40}$/.test(digits)) throw new NodeError('FF10141', { input: key })
    return `0x${digits}`
  }

  async canSign(key: string): Promise<boolean> {
    return this.#config.keys.includes(this.normaliseKey(key))
  }

  async profile({ address }: { readonly address: string }) {
    return { networkVersion: 2, confirmations: this.#depth(address) }
  }

  submit(submission: Submission): Promise<void> {
    return this.#exclusive(() => this.#handOver(submission))
  }

  pages: Chain['pages'] = ({ address }, from, signal, options) =>
    readPages(
      { view: () => this.#view(), changed: (aborted) => this.#changed(aborted), ...this.#deps },
      {
        address: this.normaliseKey(address),
        confirmations: this.#depth(address),
        from,
        firstEvent: options?.firstEvent ?? 'oldest',
        signal,
      },
    )

  async head() {
    const { blocks, head } = this.#view()
    const chainId = blocks[0]?.hash.slice(2, 10) ?? ''
    return { blockNumber: head, timestamp: blocks[head]?.timestamp ?? 0, chainId }
  }

  silence(): undefined {}

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#watching
  }

  #depth(address: string): number {
    const contract = this.#ledger.contracts.get(this.normaliseKey(address))
    if (contract) return contract.confirmations
    throw new NodeError('CC20401', { faults: `there is no contract at ${address}` })
  }

  #view(): View {
    const { blocks } = this.#ledger
    return { blocks, head: Math.max(0, blocks.length - 1 - (this.#config.lag?.() ?? 0)) }
  }

  /** Resolves after the next change, or soon if this view lags. */
  #changed(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const either = [signal, this.#stop.signal]
    const off = this.#ledger.onChange(resolve)
    const onAbort = (): void => resolve()
    for (const each of either) each.addEventListener('abort', onAbort, { once: true })
    if (either.some(({ aborted }) => aborted)) resolve()
    const soon = this.#config.lag
      ? this.#deps.world.sleep(100, signal).catch(() => {})
      : new Promise<void>(() => {})
    return Promise.race([promise, soon]).finally(() => {
      off()
      for (const each of either) each.removeEventListener('abort', onAbort)
    })
  }

  async #handOver(submission: Submission): Promise<void> {
    const { journal } = this.#deps
    const { id } = submission
    if (this.#open.has(id) || (await journal.find(id))) return
    const key = this.normaliseKey(submission.key)
    if (!this.#config.keys.includes(key)) throw new NodeError('CC20107', { key })
    const contract = this.normaliseKey(submission.contract.address)
    this.#depth(contract)
    const call =
      submission.method === 'pinBatch'
        ? ({ method: 'pinBatch', pin: submission.pin } as const)
        : ({
            method: 'networkAction',
            action: submission.action,
            payload: submission.payload,
          } as const)
    await this.#sign({ id, transaction: await this.#withNonce({ key, contract, call, id }) })
  }

  async #withNonce(content: Pick<LedgerTransaction, 'key' | 'contract' | 'call'> & { id: string }) {
    const { id, ...rest } = content
    const last = (await this.#deps.journal.lastNonce(rest.key)) ?? -1
    const nonce = Math.max(last + 1, this.#ledger.minedCount(rest.key))
    const hash = `0x${sha256Hex(JSON.stringify([id, nonce, rest]))}`
    return { ...rest, nonce, hash }
  }

  async #sign(open: Open): Promise<void> {
    await this.#deps.journal.save([toEntry(open, 'signed')])
    this.#open.set(open.id, open)
    if (this.#ledger.send(open.transaction) === 'nonceTooLow') await this.#displaced(open)
  }

  /** Another user of the key took the nonce. */
  async #displaced({ id, transaction }: Open): Promise<void> {
    await this.#sign({ id, transaction: await this.#withNonce({ ...transaction, id }) })
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      const changed = this.#changed(signal)
      try {
        await this.#settle()
        await this.#exclusive(() => this.#sendAgain())
      } catch (error) {
        if (signal.aborted) return
        this.#deps.log.warn({ error: String(error) }, 'transactions can not be watched')
        await this.#deps.world.sleep(100, signal).catch(() => {})
        continue
      }
      await changed
    }
  }

  async #settle(): Promise<void> {
    const { head } = this.#view()
    const entries: JournalEntry[] = []
    const receipts: Receipt[] = []
    for (const open of this.#open.values()) {
      const place = this.#ledger.find(open.transaction.hash)
      if (!place || head < place.block.number + this.#depth(open.transaction.contract)) continue
      const { error } = place.transaction
      receipts.push(toReceipt(open.id, place))
      entries.push(toEntry(open, error ? 'failed' : 'mined', error))
    }
    if (receipts.length === 0) return
    await this.#deps.settled(receipts)
    await this.#deps.journal.save(entries)
    for (const { id } of entries) this.#open.delete(id)
  }

  /** What was lost with a block, or never handed over. */
  async #sendAgain(): Promise<void> {
    for (const open of [...this.#open.values()]) {
      if (this.#ledger.send(open.transaction) === 'nonceTooLow') await this.#displaced(open)
    }
  }

  #exclusive(work: () => Promise<void>): Promise<void> {
    const run = this.#last.then(work)
    this.#last = run.catch(() => {})
    return run
  }
}

function toReceipt(id: string, { block, index, transaction }: Place): Receipt {
  const { hash: transactionHash, error } = transaction
  if (error) return { id, status: 'failed', transactionHash, error }
  const logs = block.transactions.slice(0, index).filter((earlier) => !earlier.error).length
  const protocolId = toProtocolId(block.number, index, logs)
  return { id, status: 'succeeded', transactionHash, protocolId }
}

const toEntry = (
  { id, transaction }: Open,
  state: JournalEntry['state'],
  error?: string,
): JournalEntry => ({
  id,
  key: transaction.key,
  nonce: transaction.nonce,
  state,
  record: JSON.stringify(transaction),
  ...(error && { error }),
})
