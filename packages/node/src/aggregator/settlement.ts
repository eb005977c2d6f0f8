import { formatTime, type Message, maskedPin, padTime, trimTime } from '@concordat/protocol'
import { sql } from 'kysely'
import type { EventLog, NewEvent } from '../events/log.ts'
import type { World } from '../lib/world.ts'
import type { Transaction } from '../store/database.ts'
import { prepared } from '../store/prepared.ts'
import type { NextPinRow, PinRow } from '../store/schema.ts'
import type { Absence } from './absence.ts'
import { EventFactsOf } from './event-facts.ts'
import type { LoadedBatch, Located, MessageSlot } from './loaded-batch.ts'
import { SettledPins, type SettledPinsDeps, type Taken } from './settled-pins.ts'

export type Outcome =
  | { readonly kind: 'confirmed' }
  | { readonly kind: 'rejected'; readonly reason: string }

export interface SettlementDeps extends SettledPinsDeps {
  readonly absenceOf: (pin: Pick<PinRow, 'payloadRef'>) => Absence | undefined
  readonly world: World
  readonly events: EventLog
}

/** A gap-fill stands in for a message that its author took back. */
interface GapFill {
  readonly cid: string
  readonly author: string
  readonly group: string | null
}

/**
 * What one transaction of the aggregator decides, gathered and written in pages. Within it, decisions are visible at once
 * (`isOpen`, `isFinal`, `next`); the rows follow in `flush`.
 */
export class Settlement {
  readonly tx: Transaction
  /** Padded; one time for all messages of a page. */
  readonly now: string
  readonly #deps: SettlementDeps
  /** Of which messages were decided. */
  readonly batches = new Set<LoadedBatch>()
  readonly chainEvents: EventFactsOf
  /** The pin that is being settled. */
  looksAt: PinRow | undefined
  readonly #taken: SettledPins
  readonly #settled = new Set<number>()
  readonly #decided = new Set<number>()
  readonly #aside = new Set<number>()
  readonly #next = new Map<number, NextPinRow>()
  // Decided, and not written yet.
  readonly #consumed = new Map<number, NextPinRow>()
  #pins: { settled: number[]; aside: number[] } = { settled: [], aside: [] }
  #confirmed: number[] = []
  #rejected: { seq: number; reason: string }[] = []
  #gapFills: GapFill[] = []
  #events: NewEvent[] = []
  readonly #messages = new Map<string, Message>()

  constructor(tx: Transaction, deps: SettlementDeps) {
    this.tx = tx
    this.#deps = deps
    this.now = padTime(formatTime(deps.world.now()))
    this.chainEvents = new EventFactsOf(deps.namespace, tx)
    this.#taken = new SettledPins(deps, tx, this.chainEvents)
  }

  /** Decisions so far. */
  get size(): number {
    return this.#settled.size
  }

  /** What was found out by asking for a pin's payload. */
  absenceOf(pin: Pick<PinRow, 'payloadRef'>): Absence | undefined {
    return this.#deps.absenceOf(pin)
  }

  isOpen(pin: Pick<PinRow, 'seq'>): boolean {
    return !this.#settled.has(pin.seq) && !this.#aside.has(pin.seq)
  }

  /** Whether the message was decided before, by whichever batch it came in. */
  isFinal(slot: MessageSlot): boolean {
    return slot.final || this.#decided.has(slot.seq)
  }

  /** The pin's place is used up, whether a message was decided by it or not. */
  settlePin(seq: number): void {
    if (this.#settled.has(seq)) return
    this.#settled.add(seq)
    this.#pins.settled.push(seq)
  }

  /** Nobody holds the payload, and it holds nobody up: looked at again only if the payload turns up. */
  setAside(seq: number): void {
    this.#aside.add(seq)
    this.#pins.aside.push(seq)
  }

  /**
   * A key was registered at a position: what it pinned since was a member's all along. What was set aside of it waits again,
   * before what is decided from here on.
   */
  async takeUpAgain(signer: string, position: number): Promise<void> {
    await this.#flushPins()
    const { db } = this.tx
    const rows = await asideOf(db, { namespace: this.#deps.namespace, signer, position })
    for (const page of pages(rows.map(({ seq }) => seq))) {
      await setDispatched(db, { dispatched: 0, seqs: page })
      for (const seq of page) this.#aside.delete(seq)
    }
  }

  /** A member's next pin on a private context, as of now. */
  next(row: NextPinRow): NextPinRow {
    return this.#next.get(row.seq) ?? row
  }

  /** A member's next pin on a private context is settled: its turn is used up. */
  takeTurn({ pin, member }: { pin: PinRow; member: NextPinRow }, taken: Taken): void {
    this.settlePin(pin.seq)
    this.#taken.add(pin, this.next(member), taken)
    this.#consume(member)
  }

  #consume(row: NextPinRow): void {
    const nonce = this.next(row).nonce + 1
    const hash = maskedPin(row.topic, row.groupHash, row.identity, nonce)
    this.#next.set(row.seq, { ...row, nonce, hash })
    this.#consumed.set(row.seq, { ...row, nonce, hash })
  }

  addEvents(events: readonly NewEvent[]): void {
    this.#events.push(...events)
  }

  /** Makes a message final: its events, one a topic. `correlator` stands in for the message's own. */
  decide(batch: LoadedBatch, located: Located, outcome: Outcome, correlator?: string): void {
    const { message, slot } = located
    const { header } = message
    slot.final = true
    this.#decided.add(slot.seq)
    this.batches.add(batch)
    if (outcome.kind === 'confirmed' && header.group === undefined && this.looksAt)
      this.#taken.addBroadcast(this.looksAt, batch, located)
    if (outcome.kind === 'confirmed') this.#confirmed.push(slot.seq)
    else this.#rejected.push({ seq: slot.seq, reason: outcome.reason })
    const { author, group = null } = header
    if (outcome.kind === 'confirmed' && header.tag === 'ff_gap_fill' && header.cid)
      this.#gapFills.push({ cid: header.cid, author, group })
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

  /** Writes what was decided since the last call. */
  async flush(): Promise<void> {
    await this.#flushPins()
    await this.#flushMessages()
    const events = this.#events
    this.#events = []
    if (events.length > 0) await this.#deps.events.append(this.tx, events, this.#messages)
    await this.#taken.flush()
  }

  async #flushPins(): Promise<void> {
    const { db } = this.tx
    const { settled, aside } = this.#pins
    this.#pins = { settled: [], aside: [] }
    for (const page of pages(settled)) await setDispatched(db, { dispatched: 1, seqs: page })
    for (const page of pages(aside)) await setDispatched(db, { dispatched: 2, seqs: page })
    for (const { seq, nonce, hash } of this.#consumed.values())
      await setNext(db, { seq, nonce, hash })
    this.#consumed.clear()
  }

  async #flushMessages(): Promise<void> {
    const { db } = this.tx
    const confirmed = this.now
    for (const page of pages(this.#confirmed)) await setConfirmed(db, { confirmed, seqs: page })
    for (const { seq, reason } of this.#rejected) {
      await db
        .updateTable('messages')
        .set({ state: 'rejected', confirmed, rejectReason: reason })
        .where('seq', '=', seq)
        .execute()
    }
    for (const { cid, author, group } of this.#gapFills) {
      await db
        .updateTable('messages')
        .set({ state: 'cancelled', confirmed })
        .where('namespace', '=', this.#deps.namespace)
        .where('id', '=', cid)
        .where('author', '=', author)
        .where('groupHash', group === null ? 'is' : '=', group)
        .where('state', 'in', ['sent', 'pending'])
        .execute()
    }
    this.#confirmed = []
    this.#rejected = []
    this.#gapFills = []
  }
}

const setDispatched = prepared((db, given: { dispatched: number; seqs: readonly number[] }) =>
  db.updateTable('pins').set({ dispatched: given.dispatched }).where('seq', 'in', given.seqs),
)

const asideOf = prepared((db, given: { namespace: string; signer: string; position: number }) =>
  db
    .selectFrom('pins')
    .select('seq')
    .where('namespace', '=', given.namespace)
    .where('dispatched', '=', sql.lit(2))
    .where('signer', '=', given.signer)
    .where('seq', '>', given.position),
)

const setNext = prepared((db, given: { seq: number; nonce: number; hash: string }) =>
  db
    .updateTable('nextpins')
    .set({ nonce: given.nonce, hash: given.hash })
    .where('seq', '=', given.seq),
)

const setConfirmed = prepared((db, given: { confirmed: string; seqs: readonly number[] }) =>
  db
    .updateTable('messages')
    .set({ state: 'confirmed', confirmed: given.confirmed })
    .where('seq', 'in', given.seqs),
)

/** A few fixed sizes, so that few statements are prepared. */
function* pages(seqs: readonly number[]): Iterable<number[]> {
  for (let at = 0; at < seqs.length; ) {
    const left = seqs.length - at
    const size = left >= 200 ? 200 : left >= 20 ? 20 : 1
    yield seqs.slice(at, at + size)
    at += size
  }
}
