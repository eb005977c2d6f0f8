import {
  type BatchData,
  type BatchMessage,
  type BatchPayload,
  parseBatchPayload,
  parseTransportWrapper,
} from '@concordat/protocol'
import type { PayloadStore } from '../storage/storage.ts'
import type { Transaction } from '../store/database.ts'
import type { PinRow } from '../store/schema.ts'

/** Where a message's row is, and whether it was decided. */
export interface MessageSlot {
  readonly seq: number
  final: boolean
  /** Cached batches that hold the message: an author may put one in several. */
  holders: number
}

export type Place = Pick<MessageSlot, 'seq' | 'final'>

/** A batch as the recogniser needs it: what its payload says, and where its messages stand. */
export interface LoadedBatch {
  readonly payload: BatchPayload
  /** Index of each message's first pin. */
  readonly starts: readonly number[]
  /** One a message; the cache puts shared ones in. */
  readonly slots: MessageSlot[]
  /** By id and hash. */
  readonly data: ReadonlyMap<string, BatchData>
  /** Whether any data must be looked at before its message can be confirmed. */
  readonly hasBlobs: boolean
  readonly hasDatatypes: boolean
}

/** Puts together what is known of a batch. */
export function toLoadedBatch(payload: BatchPayload, places: readonly Place[]): LoadedBatch {
  const { data } = payload.payload
  return {
    payload,
    starts: startsOf(payload),
    slots: places.map(({ seq, final }) => ({ seq, final, holders: 0 })),
    data: new Map(data.map((item) => [item.id + item.hash, item])),
    hasBlobs: data.some(({ blob }) => blob !== undefined),
    hasDatatypes: data.some(({ datatype }) => datatype !== undefined),
  }
}

/** `missing`: not here yet. `void`: it will never be readable, by anyone. */
export type BatchState = LoadedBatch | 'missing' | 'void'

export interface Located {
  readonly message: BatchMessage
  readonly slot: MessageSlot
  /** Index of the message's first pin, and of the topic that the pin is for. */
  readonly first: number
  readonly topic: number
}

/** The same at every member, so that what one can read all can. */
export const WIRE_LIMITS = { maxBytes: 16 * 1024 * 1024 }

type PinRef = Pick<PinRow, 'batch' | 'batchHash' | 'payloadRef'>

const keyOf = ({ batchHash, payloadRef }: PinRef): string => `${batchHash}${payloadRef}`

/** Batches used lately. Bounded by their data, so that a page of large ones does not fill the memory. */
export class BatchCache {
  readonly #namespace: string
  readonly #payloads: PayloadStore
  readonly #maxMessages: number
  readonly #batches = new Map<string, LoadedBatch>()
  /** By message row: one slot for all batches that hold it, so that what is decided by one is decided for all. */
  readonly #slots = new Map<number, MessageSlot>()
  #messages = 0

  constructor(namespace: string, payloads: PayloadStore, maxMessages = 10_000) {
    this.#namespace = namespace
    this.#payloads = payloads
    this.#maxMessages = maxMessages
  }

  put(ref: PinRef, batch: LoadedBatch): void {
    const key = keyOf(ref)
    if (this.#batches.has(key)) return
    this.#batches.set(key, batch)
    this.#hold(batch)
    for (const [oldest, cached] of this.#batches) {
      if (this.#messages <= this.#maxMessages || oldest === key) break
      this.#drop(oldest, cached)
    }
  }

  #hold({ slots }: LoadedBatch): void {
    this.#messages += slots.length
    for (const [i, slot] of slots.entries()) {
      const held = this.#slots.get(slot.seq) ?? slot
      held.final ||= slot.final
      held.holders += 1
      slots[i] = held
      this.#slots.set(held.seq, held)
    }
  }

  #drop(key: string, { slots }: LoadedBatch): void {
    this.#batches.delete(key)
    this.#messages -= slots.length
    for (const slot of slots) {
      slot.holders -= 1
      if (slot.holders === 0) this.#slots.delete(slot.seq)
    }
  }

  /** Forgets a batch of which every message is decided: nothing will ask for it again. */
  release(batch: LoadedBatch): void {
    if (batch.slots.some(({ final }) => !final)) return
    for (const [key, cached] of this.#batches) {
      if (cached === batch) this.#drop(key, cached)
    }
  }

  has(ref: PinRef): boolean {
    return this.#batches.has(keyOf(ref))
  }

  /** Forgets everything: after a rollback, what is kept may say more than the database. */
  clear(): void {
    this.#batches.clear()
    this.#slots.clear()
    this.#messages = 0
  }

  async load(tx: Transaction, pin: PinRef): Promise<BatchState> {
    const cached = this.#batches.get(keyOf(pin))
    if (cached) return cached.payload.id === pin.batch ? cached : 'void'
    const row = await tx.db
      .selectFrom('batches')
      .select(['id', 'state'])
      .where('namespace', '=', this.#namespace)
      .where('hash', '=', pin.batchHash)
      .where('payloadRef', '=', pin.payloadRef)
      .executeTakeFirst()
    if (!row) return 'missing'
    if (row.id !== pin.batch || row.state === 'invalid') return 'void'
    const content = await this.#payloads.get(pin.payloadRef || pin.batchHash, tx)
    if (!content) return 'missing'
    const payload =
      pin.payloadRef === ''
        ? parseTransportWrapper(content, WIRE_LIMITS).batch
        : parseBatchPayload(content, WIRE_LIMITS)
    const batch = toLoadedBatch(payload, await loadSlots(tx, this.#namespace, payload))
    this.put(pin, batch)
    return batch
  }
}

function startsOf({ payload: { messages } }: BatchPayload): number[] {
  let next = 0
  return messages.map(({ header }) => {
    const start = next
    next += header.topics.length
    return start
  })
}

/** The message a pin index belongs to; undefined when the batch has no such pin. */
export function locate({ payload, starts, slots }: LoadedBatch, idx: number): Located | undefined {
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((starts[middle] ?? 0) <= idx) low = middle
    else high = middle - 1
  }
  const message = payload.payload.messages[low]
  const slot = slots[low]
  const first = starts[low] ?? 0
  if (!message || !slot || idx < first || idx >= first + message.header.topics.length)
    return undefined
  return { message, slot, first, topic: idx - first }
}

/** A cancelled message is only its author's word: if its pin comes all the same, everyone decides it. */
const FINAL = new Set(['confirmed', 'rejected'])

export async function loadSlots(
  { db }: Transaction,
  namespace: string,
  { payload: { messages } }: BatchPayload,
): Promise<Place[]> {
  const rows = await db
    .selectFrom('messages')
    .select(['seq', 'id', 'hash', 'state'])
    .where('namespace', '=', namespace)
    .where(
      'id',
      'in',
      messages.map(({ header }) => header.id),
    )
    .execute()
  const byRef = new Map(rows.map((row) => [row.id + row.hash, row]))
  return messages.map(({ header, hash }) => {
    const row = byRef.get(header.id + hash)
    return { seq: row?.seq ?? 0, final: row !== undefined && FINAL.has(row.state) }
  })
}
