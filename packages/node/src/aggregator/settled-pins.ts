import { type BatchData, jsonAnyText, NodeError } from '@concordat/protocol'
import type { BlobStore } from '../exchange/exchange.ts'
import type { Transaction } from '../store/database.ts'
import type { NextPinRow, PinRow } from '../store/schema.ts'
import type { EventFactsOf } from './event-facts.ts'
import { type LoadedBatch, type Located, WIRE_LIMITS } from './loaded-batch.ts'
import type {
  PinPosition,
  SettledBroadcast,
  SettledData,
  SettledMessage,
  SettledOutcome,
  SettledPin,
  SettledPinHook,
  VoidReason,
} from './settled-pin.ts'

/** What a member's pin came to: the message there, or why there is none. */
export type Taken = VoidReason | { readonly batch: LoadedBatch; readonly located: Located }

interface Noted {
  readonly pin: PinRow
  /** Before the turn was used up. */
  readonly member: NextPinRow
  readonly taken: Taken
}

export interface SettledPinsDeps {
  readonly namespace: string
  readonly settledPins?: SettledPinHook | undefined
  readonly blobs?: Pick<BlobStore, 'read'> | undefined
}

/** Gathers the settled pins that the hook wants, and tells it of them. */
export class SettledPins {
  readonly #deps: SettledPinsDeps
  readonly #tx: Transaction
  readonly #facts: EventFactsOf
  #noted: Noted[] = []
  #broadcasts: { readonly pin: PinRow; readonly batch: LoadedBatch; readonly located: Located }[] =
    []

  constructor(deps: SettledPinsDeps, tx: Transaction, facts: EventFactsOf) {
    this.#deps = deps
    this.#tx = tx
    this.#facts = facts
  }

  add(pin: PinRow, member: NextPinRow, taken: Taken): void {
    if (this.#deps.settledPins?.wants(member.topic)) this.#noted.push({ pin, member, taken })
  }

  addBroadcast(pin: PinRow, batch: LoadedBatch, located: Located): void {
    const { settledPins } = this.#deps
    if (!settledPins?.onBroadcastSettled) return
    if (located.message.header.topics.some((topic) => settledPins.wants(topic)))
      this.#broadcasts.push({ pin, batch, located })
  }

  async flush(): Promise<void> {
    await this.#flushBroadcasts()
    const noted = this.#noted
    if (noted.length === 0) return
    this.#noted = []
    const settled: SettledPin[] = []
    for (const each of noted) settled.push(await this.#tell(each))
    await this.#deps.settledPins?.onPinSettled(this.#tx, settled)
  }

  async #flushBroadcasts(): Promise<void> {
    const broadcasts = this.#broadcasts
    if (broadcasts.length === 0) return
    this.#broadcasts = []
    const settled: SettledBroadcast[] = []
    for (const { pin, batch, located } of broadcasts) {
      const { timestamp } = await this.#facts.read(pin)
      const { kind: _, ...message } = await this.#message(batch, located)
      settled.push({ position: positionOf(pin), timestamp, batch: pin.batch, ...message })
    }
    await this.#deps.settledPins?.onBroadcastSettled?.(this.#tx, settled)
  }

  async #tell({ pin, member, taken }: Noted): Promise<SettledPin> {
    const { timestamp } = await this.#facts.read(pin)
    return {
      position: positionOf(pin),
      timestamp,
      author: member.identity,
      signer: pin.signer,
      group: member.groupHash,
      topic: member.topic,
      nonce: member.nonce,
      batch: pin.batch,
      batchHash: pin.batchHash,
      outcome: await this.#outcome(taken),
    }
  }

  async #outcome(taken: Taken): Promise<SettledOutcome> {
    if (typeof taken === 'string') return { kind: 'void', reason: taken }
    return await this.#message(taken.batch, taken.located)
  }

  async #message(batch: LoadedBatch, located: Located): Promise<SettledMessage> {
    const { header, hash, data: refs } = located.message
    const data: SettledData[] = []
    for (const ref of refs) {
      const item = batch.data.get(ref.id + ref.hash)
      if (item) data.push(await this.#data(item))
    }
    return { kind: 'message', header, hash, data }
  }

  async #data({ id, hash, value, blob }: BatchData): Promise<SettledData> {
    const text = value === undefined || value.text === 'null' ? undefined : value.text
    if (!blob?.hash) return { id, hash, value: text, blob: undefined }
    if (text !== undefined) return { id, hash, value: text, blob: blob.hash }
    const content = await this.#readText(id, blob.hash)
    return { id, hash, value: content, blob: content === undefined ? blob.hash : undefined }
  }

  /** A blob's content, if a value could have that text. */
  async #readText(dataId: string, hash: string): Promise<string | undefined> {
    const { namespace, blobs } = this.#deps
    const row = await this.#tx.db
      .selectFrom('blobs')
      .select(['payloadRef', 'size'])
      .where('namespace', '=', namespace)
      .where('dataId', '=', dataId)
      .where('hash', '=', hash)
      .executeTakeFirst()
    if (!blobs || !row || row.size > WIRE_LIMITS.maxBytes) return undefined
    const chunks: Uint8Array[] = []
    for await (const chunk of blobs.read(row.payloadRef)) chunks.push(chunk)
    return asValueText(Buffer.concat(chunks))
  }
}

/** As deep as any value can be that a batch brings. */
const MAX_DEPTH = 10_000

/** The bytes as the text of a JSON value, when they are just that. */
function asValueText(content: Buffer): string | undefined {
  try {
    const text = jsonAnyText(content.toString(), MAX_DEPTH)
    return text !== 'null' && Buffer.from(text).equals(content) ? text : undefined
  } catch (error) {
    if (error instanceof NodeError) return undefined
    throw error
  }
}

function positionOf({ contract, protocolId, idx }: PinRow): PinPosition {
  const [block = 0, transaction = 0, log = 0] = protocolId.split('/').map(Number)
  return { contract, block, transaction, log, pin: idx }
}
