import { formatTime, padTime } from '@concordat/protocol'
import { sql } from 'kysely'
import type { Chain, ContractLocation } from '../chain/chain.ts'
import type { EventLog } from '../events/log.ts'
import type { Logger } from '../lib/logger.ts'
import { Mutex } from '../lib/mutex.ts'
import { type Stage, startStage } from '../lib/stage.ts'
import type { World } from '../lib/world.ts'
import type { SharedStorage } from '../storage/storage.ts'
import type { Database, Transaction } from '../store/database.ts'
import type { BatchRow, MessageRow } from '../store/schema.ts'
import { cancel } from './cancel.ts'
import { type Delivery, deliverIn } from './delivery.ts'
import { buildPayload, loadData, publishBlobs } from './payload.ts'
import { operationTypes } from './plan.ts'
import { contextsOf } from './seal.ts'
import type { SealedBatch } from './sealed-batch.ts'

export interface DispatcherDeps extends Delivery {
  readonly namespace: string
  readonly world: World
  readonly log: Logger
  readonly database: Database
  readonly events: EventLog
  readonly chain: Chain
  readonly contract: () => ContractLocation
  readonly storage: SharedStorage
  /** Told what a batch holds before its pin can come back. */
  readonly onReady: (batch: SealedBatch) => void
  readonly onSent: (batch: BatchRow) => void
  /** Told of messages that must be sealed once more. */
  readonly onReadyAgain: (messages: readonly MessageRow[]) => void
  /** Whether a transaction was ever signed for an operation. */
  readonly isSigned: (operationId: string) => Promise<boolean>
}

/** Why a batch does not get on its way, and since when (milliseconds since 1970). */
export interface Stuck {
  readonly batch: BatchRow
  readonly since: number
  readonly reason: string
}

export interface Dispatcher extends Stage {
  /** Batches that failed to get on their way, and are tried again. */
  stuck(): readonly Stuck[]
  /** Batches that were just written, in order. */
  offer(batches: readonly SealedBatch[]): void
  /** Reads sealed batches from the table again. */
  rescan(): void
  /** Does something while nothing is handed to the chain; then goes by the table. */
  hold(work: () => Promise<void>): Promise<void>
  /** Takes back a batch of which no signed transaction ever left this node. Throws CC20703 otherwise. */
  cancel(batchId: string): Promise<BatchRow>
}

const PAGE = 16
const MAX_QUEUE = 256

/**
 * Hands sealed batches to the chain, in order. Their payloads are on their way already, but for those that had to be
 * published first. A batch that is dispatched again repeats the same operations, so a crash anywhere doubles nothing.
 */
export function startDispatcher(deps: DispatcherDeps): Dispatcher {
  // A batch is either being handed to the chain or being cancelled.
  const turn = new Mutex()
  const queue = new SealedQueue()
  const stuck = new Map<string, Stuck>()

  async function read(): Promise<void> {
    if (!queue.behind || queue.batches.length >= PAGE) return
    await deps.database.transaction(async (tx) => {
      const batches = await loadSealed(deps, tx, queue.cursor)
      tx.onCommit(() => {
        queue.add(batches)
        queue.behind = batches.length === PAGE
      })
    })
  }

  async function dispatchPage(): Promise<void> {
    const page = queue.batches.slice(0, PAGE)
    const failures = await dispatch(deps, page)
    queue.batches = queue.batches.slice(page.length)
    note(stuck, page, failures, deps.world.now())
    if (failures.size === 0) return
    // What the table says is what is left to do.
    queue.clear()
    throw new Error(`${failures.size} batches: ${[...failures.values()][0]}`)
  }

  const stage = startStage({
    name: `dispatcher ${deps.namespace}`,
    idleMs: 5_000,
    world: deps.world,
    onError: (error) => deps.log.error({ err: error }, 'batch dispatch failed; it is tried again'),
    step: async () => {
      await read()
      if (queue.batches.length > 0) await turn.run(dispatchPage)
      return queue.batches.length > 0 || queue.behind
    },
  })
  return {
    ...stage,
    stuck: () => [...stuck.values()],
    offer(batches) {
      if (!queue.behind && queue.batches.length < MAX_QUEUE) queue.add(batches)
      else queue.behind = true
      stage.nudge()
    },
    rescan() {
      queue.rewind()
      stage.nudge()
    },
    hold: (work) =>
      turn.run(async () => {
        await work()
        queue.clear()
        stage.nudge()
      }),
    cancel: (batchId) =>
      turn.run(async () => {
        const cancelled = await cancel(deps, batchId)
        queue.batches = queue.batches.filter(({ batch }) => batch.id !== batchId)
        stuck.delete(batchId)
        return cancelled
      }),
  }
}

/** Batches to hand over, in the order of the table. */
class SealedQueue {
  batches: SealedBatch[] = []
  /** Whether the table may hold more than was read. */
  behind = true
  #cursor = 0

  /** The last that was read. */
  get cursor(): number {
    return this.#cursor
  }

  add(batches: readonly SealedBatch[]): void {
    for (const sealed of batches) {
      if (sealed.batch.seq <= this.#cursor) continue
      this.#cursor = sealed.batch.seq
      this.batches.push(sealed)
    }
  }

  /** The table is read again, from its beginning. */
  rewind(): void {
    this.#cursor = 0
    this.behind = true
  }

  clear(): void {
    this.batches = []
    this.rewind()
  }
}

function note(
  stuck: Map<string, Stuck>,
  page: readonly SealedBatch[],
  failures: ReadonlyMap<string, string>,
  now: number,
): void {
  for (const { batch } of page) {
    const reason = failures.get(batch.id)
    if (reason === undefined) stuck.delete(batch.id)
    else stuck.set(batch.id, { batch, since: stuck.get(batch.id)?.since ?? now, reason })
  }
}

async function loadSealed(
  { namespace }: DispatcherDeps,
  { db }: Transaction,
  after: number,
): Promise<SealedBatch[]> {
  const batches = await db
    .selectFrom('batches')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('state', '=', sql.lit('sealed'))
    .where('seq', '>', after)
    .orderBy('seq')
    .limit(PAGE)
    .execute()
  const loaded: SealedBatch[] = []
  for (const batch of batches) {
    const messages = await db
      .selectFrom('messages')
      .selectAll()
      .where('namespace', '=', namespace)
      .where('batch', '=', batch.id)
      .orderBy('seq')
      .execute()
    const operations = await db
      .selectFrom('operations')
      .selectAll()
      .where('namespace', '=', namespace)
      .where('tx', '=', batch.txId)
      .where('retry', 'is', null)
      .orderBy('seq')
      .execute()
    loaded.push({ batch, messages, operations, payload: undefined })
  }
  return loaded
}

/** Resolves why batches failed, by id. One that fails holds back the later ones of its key, and no others. */
async function dispatch(
  deps: DispatcherDeps,
  page: readonly SealedBatch[],
): Promise<Map<string, string>> {
  const failures = new Map<string, string>()
  const held = new Map<string, string>()
  const ready: SealedBatch[] = []
  const fail = ({ batch }: SealedBatch, error: unknown): void => {
    const reason = error instanceof Error ? error.message : String(error)
    failures.set(batch.id, reason)
    held.set(batch.key, `batch ${batch.id} goes first: ${reason}`)
  }
  for (const sealed of page) {
    const reason = held.get(sealed.batch.key)
    if (reason !== undefined) failures.set(sealed.batch.id, reason)
    else if (isDelivered(sealed)) ready.push(sealed)
    else
      await publish(deps, sealed).then(
        (published) => ready.push(published),
        (error: unknown) => fail(sealed, error),
      )
  }
  for (const sealed of ready) deps.onReady(sealed)
  // Called in order: so are their transactions mined.
  const handed = await Promise.allSettled(ready.map((sealed) => submit(deps, sealed)))
  const sent = ready.filter((sealed, i) => {
    const result = handed[i]
    if (result?.status === 'rejected') fail(sealed, result.reason)
    return result?.status === 'fulfilled'
  })
  if (sent.length > 0) await deps.database.transaction((tx) => recordSent(deps, tx, sent))
  for (const { batch } of sent) deps.onSent(batch)
  return failures
}

const isDelivered = ({ batch }: SealedBatch): boolean =>
  batch.groupHash !== null || batch.payloadRef !== ''

/** Broadcasts whose blobs, or whose payload, go to shared storage by a call. */
async function publish(deps: DispatcherDeps, sealed: SealedBatch): Promise<SealedBatch> {
  const { database, storage } = deps
  const data = await publishBlobs(
    deps,
    storage,
    await database.transaction((tx) => loadData(deps, tx, sealed.messages)),
  )
  const built = await database.transaction((tx) =>
    buildPayload(deps, tx, sealed.batch, { messages: sealed.messages, data }),
  )
  const payloadRef = await storage.publish(built.content)
  const batch = await database.transaction(async (tx) => {
    const delivered = await deliverIn(deps, tx, { ...sealed, built, payloadRef })
    await deps.keepPayload(tx, payloadRef, built.content)
    await tx.db
      .updateTable('batches')
      .set({ payloadRef })
      .where('seq', '=', delivered.seq)
      .execute()
    return delivered
  })
  return { ...sealed, batch, payload: built.payload }
}

async function submit(
  { chain, contract }: DispatcherDeps,
  { batch, messages, operations }: SealedBatch,
): Promise<void> {
  const pin = operations.find(({ type }) => type === operationTypes.pin)
  if (!pin) return
  const { txId, hash: batchHash, payloadRef } = batch
  await chain.submit({
    id: pin.id,
    key: batch.key,
    contract: contract(),
    method: 'pinBatch',
    pin: { txId, batchId: batch.id, batchHash, payloadRef, contexts: contextsOf(messages) },
  })
}

async function recordSent(
  deps: DispatcherDeps,
  tx: Transaction,
  page: readonly SealedBatch[],
): Promise<void> {
  const confirmed = padTime(formatTime(deps.world.now()))
  for (const { batch, operations, messages } of page) {
    await tx.db
      .updateTable('batches')
      .set({ state: 'sent', confirmed })
      .where('seq', '=', batch.seq)
      .execute()
    const pin = operations.find(({ type }) => type === operationTypes.pin)
    if (pin) await deps.operations.update(tx, [{ id: pin.id, status: 'Pending' }])
    else await confirmUnpinned(deps, tx, { batch, messages })
  }
}

/** No pin will come: the batch is final as soon as it is on its way. */
async function confirmUnpinned(
  { events }: DispatcherDeps,
  tx: Transaction,
  { batch, messages }: Pick<SealedBatch, 'batch' | 'messages'>,
): Promise<void> {
  await tx.db
    .updateTable('messages')
    .set({ state: 'confirmed', confirmed: batch.created })
    .where(
      'seq',
      'in',
      messages.map(({ seq }) => seq),
    )
    .execute()
  await events.append(
    tx,
    messages.flatMap((row) =>
      row.topics.split(',').map((topic) => ({
        type: 'message_confirmed',
        reference: row.id,
        correlator: row.cid,
        tx: batch.txId,
        topic,
      })),
    ),
  )
}
