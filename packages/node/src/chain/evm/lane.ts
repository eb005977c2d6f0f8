import { NodeError } from '@concordat/protocol'
import type { Hex } from 'viem'
import type { Signer } from '../../identity/signers/signer.ts'
import type { Logger } from '../../lib/logger.ts'
import type { World } from '../../lib/world.ts'
import type { Journal, Silence, Submission } from '../chain.ts'
import { encodeSubmission, gasByFormula } from './calls.ts'
import { bumpFee, type Fee } from './fees.ts'
import { classifySend, explain, type Rpc, unreachable } from './rpc.ts'
import {
  type Call,
  fromEntry,
  hashOf,
  type OpenTransaction,
  toEntry,
  toSignable,
  toTransaction,
} from './transaction.ts'

export interface LaneDeps {
  readonly rpc: Rpc
  readonly world: World
  readonly log: Logger
  readonly journal: Journal
  readonly signer: Signer
  readonly chainId: () => Promise<number>
  readonly currentFee: () => Promise<Fee>
  readonly fixedFee: boolean
  /** Throws if there is no such contract. */
  readonly confirmationsOf: (contract: Hex) => Promise<number>
  readonly silence: () => Silence | undefined
  readonly gasLimit: 'formula' | 'estimate' | number
  /** Called after transactions were handed over. */
  readonly onSent: () => void
}

interface Waiting {
  readonly submission: Submission
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Signed, saved and sent together. */
const together = 64
const maxWaiting = 10_000

/**
 * The transactions of one key, in order. Whatever chooses or reuses a nonce happens inside `exclusive`, one at a time.
 *
 *   waiting → signed and in the journal → handed over → mined → final (the watcher's work)
 *                        ↑ signed anew: higher fee, or next nonce
 */
export class Lane {
  readonly key: string
  /** By id, in order of nonce. */
  readonly open = new Map<string, OpenTransaction>()
  readonly #deps: LaneDeps
  #waiting: Waiting[] = []
  #nextNonce: number | undefined
  #last: Promise<unknown> = Promise.resolve()
  #pumping = false

  constructor(key: string, deps: LaneDeps) {
    this.key = key
    this.#deps = deps
  }

  submit(submission: Submission): Promise<void> {
    if (this.#waiting.length >= maxWaiting) return Promise.reject(new NodeError('CC20501'))
    return new Promise((resolve, reject) => {
      this.#waiting.push({ submission, resolve, reject })
      if (!this.#pumping) void this.#pump()
    })
  }

  /** Hands over again what was lost; with a higher fee what the chain has known for long without mining it. */
  resend(transaction: OpenTransaction, stuck: boolean): Promise<void> {
    return this.#exclusive(async () => {
      if (!this.open.has(transaction.id)) return
      const fault = await this.#send(transaction)
      if (stuck && fault === 'known' && !this.#deps.fixedFee) await this.#replace(transaction)
    })
  }

  /** Signs with the next nonce what another user of the key has displaced. */
  displace(transaction: OpenTransaction): Promise<void> {
    return this.#exclusive(async () => {
      if (this.open.has(transaction.id)) await this.#displaced(transaction)
    })
  }

  async #pump(): Promise<void> {
    this.#pumping = true
    // Calls of the same turn share one write to the journal.
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      const group = this.#waiting.splice(0, together)
      try {
        await this.#exclusive(() => this.#handOver(group.map(({ submission }) => submission)))
        for (const { resolve } of group) resolve()
      } catch (error) {
        for (const { reject } of group) reject(unreachable(error))
      }
    }
    this.#pumping = false
  }

  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#last.then(work)
    this.#last = run.catch(() => {})
    return run
  }

  async #handOver(group: readonly Submission[]): Promise<void> {
    const { journal, world, onSent } = this.#deps
    const fresh = await this.#findFresh(group)
    if (fresh.length === 0) return
    // What is signed can't be taken back: nothing is, as long as it could not be handed over.
    const silence = this.#deps.silence()
    if (silence) throw new NodeError('CC20102', { reason: silence.reason })
    let nonce = this.#nextNonce ?? (await this.#firstNonce())
    const fee = await this.#deps.currentFee()
    const signed: OpenTransaction[] = []
    for (const submission of fresh) {
      const call = await this.#toCall(submission)
      const raw = await this.#sign(call, nonce, fee)
      const { id } = submission
      const contract = toAddress(submission.contract.address)
      const common = { id, key: this.key, contract, signedAt: world.now() }
      signed.push({ ...common, nonce, raw, hashes: [hashOf(raw)] })
      nonce += 1
    }
    await journal.save(signed.map((transaction) => toEntry(transaction, 'signed')))
    this.#nextNonce = nonce
    for (const transaction of signed) this.open.set(transaction.id, transaction)
    await Promise.all(signed.map((transaction) => this.#settleSend(transaction, signed.length > 1)))
    onSent()
  }

  async #findFresh(group: readonly Submission[]): Promise<Submission[]> {
    const fresh = new Map<string, Submission>()
    for (const submission of group) {
      const known = this.open.has(submission.id) || (await this.#deps.journal.find(submission.id))
      if (!known) fresh.set(submission.id, submission)
    }
    return [...fresh.values()]
  }

  async #firstNonce(): Promise<number> {
    const { rpc, journal } = this.#deps
    const address = toAddress(this.key)
    const [mined, pending, last] = await Promise.all([
      rpc.request({ method: 'eth_getTransactionCount', params: [address, 'latest'] }),
      rpc.request({ method: 'eth_getTransactionCount', params: [address, 'pending'] }),
      journal.lastNonce(this.key),
    ])
    const open = (await journal.open()).filter(({ key }) => key === this.key)
    const lowest = Math.min(...open.map(({ nonce }) => nonce), (last ?? -1) + 1)
    // Transactions that were final are not there: the chain lags, or lost blocks. A new one would wait for ever.
    if (Number(mined) < lowest) {
      throw new NodeError('CC20102', {
        reason: `it has not seen transaction ${lowest - 1} of ${this.key} yet`,
      })
    }
    return Math.max(Number(mined), Number(pending), (last ?? -1) + 1)
  }

  async #toCall(submission: Submission): Promise<Call> {
    const { gasLimit, chainId } = this.#deps
    const data = encodeSubmission(submission)
    const to = toAddress(submission.contract.address)
    await this.#deps.confirmationsOf(to)
    const gas =
      typeof gasLimit === 'number'
        ? BigInt(gasLimit)
        : gasLimit === 'formula'
          ? gasByFormula(data)
          : await this.#estimate(to, data)
    return { to, data, gas, chainId: await chainId() }
  }

  async #estimate(to: Hex, data: Hex): Promise<bigint> {
    try {
      const from = toAddress(this.key)
      const params: [{ from: Hex; to: Hex; data: Hex }] = [{ from, to, data }]
      const gas = await this.#deps.rpc.request({ method: 'eth_estimateGas', params })
      return (BigInt(gas) * 6n) / 5n
    } catch {
      // A call that reverts has no estimate; it is sent all the same, so that its failure is on record.
      return gasByFormula(data)
    }
  }

  #sign(call: Call, nonce: number, fee: Fee): Promise<Hex> {
    return this.#deps.signer.sign(this.key, toTransaction(call, nonce, fee))
  }

  async #settleSend(transaction: OpenTransaction, many: boolean): Promise<void> {
    const fault = await this.#send(transaction, many)
    if (fault === 'nonceTooLow') await this.#displaced(transaction)
    else if (fault === 'underpriced' && !this.#deps.fixedFee) await this.#replace(transaction)
  }

  /** Resolves with what went wrong, if anything; a refused call is replaced by one that only uses up its nonce. */
  async #send(transaction: OpenTransaction, many = false): Promise<string | undefined> {
    const { rpc, world, log } = this.#deps
    const request = many ? rpc.batched : rpc.request
    transaction.sentAt = world.now()
    try {
      await request({ method: 'eth_sendRawTransaction', params: [transaction.raw] })
      return undefined
    } catch (error) {
      const fault = classifySend(error)
      if (fault === 'known') return fault
      // Not there, so the watcher tries again.
      if (fault === 'retry') delete transaction.sentAt
      const level = fault === 'nonceTooLow' ? 'debug' : 'warn'
      log[level]({ id: transaction.id, reason: explain(error) }, 'transaction not accepted')
      if (fault === 'refused') await this.#giveUp(transaction, explain(error))
      return fault
    }
  }

  async #replace(transaction: OpenTransaction): Promise<void> {
    const { call, fee } = toSignable(transaction.raw)
    const bumped = bumpFee(fee, await this.#deps.currentFee())
    this.#deps.log.info({ id: transaction.id, nonce: transaction.nonce }, 'fee raised')
    await this.#signAnew(transaction, call, bumped)
    await this.#send(transaction)
  }

  async #displaced(transaction: OpenTransaction): Promise<void> {
    for (const hash of transaction.hashes) {
      const params: [Hex] = [hash]
      // Ours was mined after all: the watcher will see its receipt.
      if (await this.#deps.rpc.request({ method: 'eth_getTransactionByHash', params })) return
    }
    const next = Math.max(this.#nextNonce ?? 0, await this.#pendingCount())
    this.#deps.log.warn(
      { id: transaction.id, nonce: transaction.nonce, next },
      'another user of the key took a nonce',
    )
    const { call } = toSignable(transaction.raw)
    transaction.nonce = next
    this.#nextNonce = next + 1
    delete transaction.missingSince
    // Last in order now.
    this.open.delete(transaction.id)
    this.open.set(transaction.id, transaction)
    await this.#signAnew(transaction, call, await this.#deps.currentFee())
    await this.#send(transaction)
    this.#deps.onSent()
  }

  async #pendingCount(): Promise<number> {
    const params: [Hex, 'pending'] = [toAddress(this.key), 'pending']
    return Number(await this.#deps.rpc.request({ method: 'eth_getTransactionCount', params }))
  }

  async #giveUp(transaction: OpenTransaction, reason: string): Promise<void> {
    if (transaction.refused !== undefined) return
    transaction.refused = reason
    const { call, fee } = toSignable(transaction.raw)
    const nothing: Call = { ...call, to: toAddress(this.key), data: '0x', gas: 21_000n }
    await this.#signAnew(transaction, nothing, fee)
    await this.#send(transaction)
  }

  async #signAnew(transaction: OpenTransaction, call: Call, fee: Fee): Promise<void> {
    const raw = await this.#sign(call, transaction.nonce, fee)
    transaction.raw = raw
    transaction.hashes = [...transaction.hashes, hashOf(raw)]
    await this.#deps.journal.save([toEntry(transaction, 'signed')])
  }

  /** Takes up what an earlier run left open. */
  adopt(entries: readonly Parameters<typeof fromEntry>[0][]): void {
    for (const entry of entries) this.open.set(entry.id, fromEntry(entry))
  }
}

/** Addresses were checked where they came in. */
export const toAddress = (text: string): Hex => `0x${text.toLowerCase().replace(/^0x/, '')}`
