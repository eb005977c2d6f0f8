import { formatTime, type Message, maskedPin, padTime, trimTime } from '@concordat/protocol'
import type { EventLog, NewEvent } from '../events/log.ts'
import type { World } from '../lib/world.ts'
import type { Transaction } from '../store/database.ts'
import type { NextPinRow, PinRow } from '../store/schema.ts'
import type { LoadedBatch, Located } from './loaded-batch.ts'

export type Outcome =
  | { readonly kind: 'confirmed' }
  | { readonly kind: 'rejected'; readonly reason: string }

export interface SettlementDeps {
  readonly namespace: string
  readonly world: World
  readonly events: EventLog
}

/**
 * What one transaction of the aggregator decides, gathered and written in pages. Within it, decisions are visible at once
 * (`isOpen`, `next`); the rows follow in `flush`.
 */
export class Settlement {
  readonly tx: Transaction
  /** Padded; one time for all messages of a page. */
  readonly now: string
  readonly #deps: SettlementDeps
  /** Of which messages were decided. */
  readonly batches = new Set<LoadedBatch>()
  readonly #settled = new Set<number>()
  readonly #aside = new Set<number>()
  readonly #next = new Map<number, NextPinRow>()
  readonly #confirmed: number[] = []
  readonly #rejected: { seq: number; reason: string }[] = []
  readonly #cancelled: string[] = []
  readonly #events: NewEvent[] = []
  readonly #messages = new Map<string, Message>()

  constructor(tx: Transaction, deps: SettlementDeps) {
    this.tx = tx
    this.#deps = deps
    this.now = padTime(formatTime(deps.world.now()))
  }

  /** Decisions so far. */
  get size(): number {
    return this.#settled.size
  }

  isOpen(pin: Pick<PinRow, 'seq'>): boolean {
    return !this.#settled.has(pin.seq) && !this.#aside.has(pin.seq)
  }

  /** The pin's place is used up, whether a message was decided by it or not. */
  settlePin(seq: number): void {
    this.#settled.add(seq)
  }

  /** Nobody holds the payload, and it holds nobody up: looked at again only if the payload turns up. */
  setAside(seq: number): void {
    this.#aside.add(seq)
  }

  /** A member's next pin on a private context, as of now. */
  next(row: NextPinRow): NextPinRow {
    return this.#next.get(row.seq) ?? row
  }

  consume(row: NextPinRow): void {
    const { nonce } = this.next(row)
    this.#next.set(row.seq, {
      ...row,
      nonce: nonce + 1,
      hash: maskedPin(row.topic, row.groupHash, row.identity, nonce + 1),
    })
  }

  addEvents(events: readonly NewEvent[]): void {
    this.#events.push(...events)
  }

  /** Makes a message final: its events, one a topic. `correlator` stands in for the message's own. */
  decide(
    batch: LoadedBatch,
    { message, slot }: Located,
    outcome: Outcome,
    correlator?: string,
  ): void {
    const { header } = message
    slot.final = true
    this.batches.add(batch)
    if (outcome.kind === 'confirmed') this.#confirmed.push(slot.seq)
    else this.#rejected.push({ seq: slot.seq, reason: outcome.reason })
    if (outcome.kind === 'confirmed' && header.tag === 'ff_gap_fill' && header.cid)
      this.#cancelled.push(header.cid)
    const tx = batch.payload.payload.tx.id ?? null
    for (const topic of header.topics) {
      this.#events.push({
        type: `message_${outcome.kind}`,
        reference: header.id,
        correlator: correlator ?? header.cid ?? null,
        tx,
        topic,
      })
    }
    this.#messages.set(header.id, {
      header,
      localNamespace: this.#deps.namespace,
      hash: message.hash,
      batch: batch.payload.id,
      ...(tx !== null && { txid: tx }),
      state: outcome.kind,
      confirmed: trimTime(this.now),
      ...(outcome.kind === 'rejected' && { rejectReason: outcome.reason }),
      data: message.data,
      ...(message.pins && { pins: message.pins }),
    })
  }

  async flush(): Promise<void> {
    const { db } = this.tx
    const { namespace } = this.#deps
    for (const [dispatched, seqs] of [
      [1, [...this.#settled]],
      [2, [...this.#aside]],
    ] as const) {
      for (const page of pages(seqs))
        await db.updateTable('pins').set({ dispatched }).where('seq', 'in', page).execute()
    }
    for (const { seq, nonce, hash } of this.#next.values())
      await db.updateTable('nextpins').set({ nonce, hash }).where('seq', '=', seq).execute()
    const confirmed = this.now
    for (const page of pages(this.#confirmed))
      await db
        .updateTable('messages')
        .set({ state: 'confirmed', confirmed })
        .where('seq', 'in', page)
        .execute()
    for (const { seq, reason } of this.#rejected) {
      await db
        .updateTable('messages')
        .set({ state: 'rejected', confirmed, rejectReason: reason })
        .where('seq', '=', seq)
        .execute()
    }
    if (this.#cancelled.length > 0) {
      await db
        .updateTable('messages')
        .set({ state: 'cancelled', confirmed })
        .where('namespace', '=', namespace)
        .where('id', 'in', this.#cancelled)
        .where('state', 'in', ['sent', 'pending'])
        .execute()
    }
    if (this.#events.length > 0)
      await this.#deps.events.append(this.tx, this.#events, this.#messages)
  }
}

/** A few fixed sizes, so that few statements are prepared. */
function* pages(seqs: readonly number[]): Iterable<number[]> {
  for (let at = 0; at < seqs.length; ) {
    const left = seqs.length - at
    const size = left >= 200 ? 200 : left >= 20 ? 20 : 1
    yield seqs.slice(at, at + size)
    at += size
  }
}
