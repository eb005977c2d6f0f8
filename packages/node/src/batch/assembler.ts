import { formatTime, padTime } from '@concordat/protocol'
import { sql } from 'kysely'
import type { EventLog } from '../events/log.ts'
import type { Logger } from '../lib/logger.ts'
import { type Stage, startStage } from '../lib/stage.ts'
import type { World } from '../lib/world.ts'
import type { Operations } from '../operations/operations.ts'
import type { Database, Transaction } from '../store/database.ts'
import type { BatchRow, MessageRow } from '../store/schema.ts'
import { planOperations, type RecipientsOf } from './plan.ts'
import { nonceKeysOf, sealBatch } from './seal.ts'

export interface AssemblerOptions {
  /** Messages in a batch at most. */
  readonly maxMessages: number
  /** Bytes of a batch payload at most. */
  readonly maxBytes: number
  /** After a batch was cut, how long to gather more before the next, unless it is full. An idle sender never waits. */
  readonly lingerMs: number
  /** Batches of one author and group that are cut but not yet handed to the chain. */
  readonly maxInFlight: number
}

export interface AssemblerDeps {
  readonly namespace: string
  readonly world: World
  readonly log: Logger
  readonly database: Database
  readonly events: EventLog
  readonly operations: Operations
  /** Our node's identity, once registered. */
  readonly nodeId: () => string | undefined
  readonly recipientsOf: RecipientsOf
  readonly onSealed: () => void
}

/** Messages of one author to one group (or to all), in order: they are cut into batches one after another. */
export interface Processor {
  readonly name: string
  readonly pending: MessageRow[]
  bytes: number
  lastSealed: number
  inFlight: number
  totalBatches: number
  totalMessages: number
}

export interface Assembler extends Stage {
  readonly processors: ReadonlyMap<string, Processor>
  /** A batch was handed to the chain (or failed for good): its place is free. */
  released(batch: BatchRow): void
}

const PAGE = 500
const MAX_PENDING = 5000
const BATCH_OVERHEAD = 512

/** Reads messages that are ready, in order, and cuts them into batches: at once when idle, full ones when busy. */
export function startAssembler(options: AssemblerOptions, deps: AssemblerDeps): Assembler {
  const { world, database, namespace } = deps
  const processors = new Map<string, Processor>()
  let cursor = 0
  let pending = 0

  async function readReady(): Promise<boolean> {
    if (pending >= MAX_PENDING) return false
    const rows = await database.read
      .selectFrom('messages')
      .selectAll()
      .where('namespace', '=', namespace)
      .where('state', '=', sql.lit('ready'))
      .where('seq', '>', cursor)
      .orderBy('seq')
      .limit(PAGE)
      .execute()
    for (const row of rows) {
      const processor = processorOf(row)
      processor.pending.push(row)
      processor.bytes += row.size
      cursor = row.seq
    }
    pending += rows.length
    return rows.length === PAGE
  }

  function processorOf(row: Pick<MessageRow, 'author' | 'groupHash' | 'txtype'>): Processor {
    const kind =
      row.groupHash === null
        ? 'pinned_broadcast'
        : row.txtype === 'unpinned'
          ? 'unpinned_private'
          : 'pinned_private'
    const name = `${kind}|${row.author}|${row.groupHash ?? ''}`
    const found = processors.get(name)
    if (found) return found
    const made: Processor = {
      name,
      pending: [],
      bytes: 0,
      lastSealed: Number.NEGATIVE_INFINITY,
      inFlight: 0,
      totalBatches: 0,
      totalMessages: 0,
    }
    processors.set(name, made)
    return made
  }

  /** Milliseconds until the processor may cut a batch: 0 is now, undefined is "not before something changes". */
  function dueIn(processor: Processor): number | undefined {
    if (processor.pending.length === 0 || processor.inFlight >= options.maxInFlight)
      return undefined
    if (processor.pending.length >= options.maxMessages || processor.bytes >= options.maxBytes)
      return 0
    return Math.max(0, processor.lastSealed + options.lingerMs - world.now())
  }

  async function seal(processor: Processor): Promise<void> {
    const messages = takeBatch(processor.pending, options)
    await database.transaction((tx) => writeBatch(deps, tx, messages))
    processor.pending.splice(0, messages.length)
    processor.bytes -= messages.reduce((sum, { size }) => sum + size, 0)
    processor.lastSealed = world.now()
    processor.inFlight += 1
    processor.totalBatches += 1
    processor.totalMessages += messages.length
    pending -= messages.length
    deps.onSealed()
  }

  let timer: AbortController | undefined
  function wakeIn(ms: number): void {
    timer?.abort()
    timer = new AbortController()
    world.sleep(ms, timer.signal).then(stage.nudge, () => {})
  }

  const stage = startStage({
    name: `assembler ${namespace}`,
    idleMs: 5_000,
    world,
    onError: (error) => deps.log.error({ err: error }, 'batch assembly failed; it goes on'),
    step: async () => {
      const more = await readReady()
      let wait = Number.POSITIVE_INFINITY
      for (const processor of processors.values()) {
        if (dueIn(processor) === 0) await seal(processor)
        wait = Math.min(wait, dueIn(processor) ?? Number.POSITIVE_INFINITY)
      }
      if (more || wait === 0) return true
      if (Number.isFinite(wait)) wakeIn(wait)
      return false
    },
  })

  return {
    ...stage,
    processors,
    released(batch) {
      const processor = processorOf({
        author: batch.author,
        groupHash: batch.groupHash,
        txtype: batch.txType,
      })
      processor.inFlight = Math.max(0, processor.inFlight - 1)
      stage.nudge()
    },
    async [Symbol.asyncDispose]() {
      timer?.abort()
      await stage[Symbol.asyncDispose]()
    },
  }
}

/** The longest run from the front that makes one batch: same key and transaction type, within the limits; never empty. */
function takeBatch(
  pending: readonly MessageRow[],
  { maxMessages, maxBytes }: AssemblerOptions,
): MessageRow[] {
  const [first] = pending
  const batch: MessageRow[] = []
  let bytes = BATCH_OVERHEAD
  for (const row of pending) {
    bytes += row.size
    if (
      batch.length >= maxMessages ||
      row.key !== first?.key ||
      row.txtype !== first.txtype ||
      (bytes > maxBytes && batch.length > 0)
    )
      break
    batch.push(row)
  }
  return batch
}

async function writeBatch(
  deps: AssemblerDeps,
  tx: Transaction,
  messages: readonly MessageRow[],
): Promise<void> {
  const { namespace, world } = deps
  const [first] = messages
  if (!first) return
  const batchId = world.uuid()
  const txId = world.uuid()
  const txType = first.txtype ?? 'batch_pin'
  const sealed = sealBatch({
    batchId,
    txId,
    txType,
    messages,
    nonces: await loadNonces(tx, namespace, messages),
  })
  const created = padTime(formatTime(world.now()))
  const batch: BatchRow = {
    seq: tx.sequence('batches', 1),
    namespace,
    id: batchId,
    type: first.groupHash === null ? 'broadcast' : 'private',
    author: first.author,
    key: first.key,
    groupHash: first.groupHash,
    node: deps.nodeId() ?? null,
    created,
    hash: sealed.hash,
    manifest: sealed.manifest,
    payloadRef: '',
    txType,
    txId,
    confirmed: null,
    state: 'sealed',
  }
  await tx.insertMany('batches', [batch])
  await tx.insertMany('transactions', [
    {
      seq: tx.sequence('transactions', 1),
      namespace,
      id: txId,
      type: txType,
      created,
      idempotencyKey: null,
      blockchainIds: null,
    },
  ])
  await saveNonces(tx, namespace, sealed.nonces)
  await markSent(tx, messages, batch, sealed.pins)
  await deps.operations.create(tx, await planOperations(tx, batch, messages, deps.recipientsOf))
  await deps.events.append(tx, [
    { type: 'transaction_submitted', reference: txId, tx: txId, topic: txType },
  ])
}

async function loadNonces(
  { db }: Transaction,
  namespace: string,
  messages: readonly MessageRow[],
): Promise<Map<string, number>> {
  const keys = [...new Set(messages.filter(({ pins }) => pins === null).flatMap(nonceKeysOf))]
  if (keys.length === 0) return new Map()
  const rows = await db
    .selectFrom('nonces')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('hash', 'in', keys)
    .execute()
  return new Map(rows.map(({ hash, nonce }) => [hash, nonce]))
}

async function saveNonces(
  { db }: Transaction,
  namespace: string,
  nonces: ReadonlyMap<string, number>,
): Promise<void> {
  for (const [hash, nonce] of nonces) {
    await db
      .insertInto('nonces')
      .values({ namespace, hash, nonce })
      .onConflict((conflict) => conflict.columns(['namespace', 'hash']).doUpdateSet({ nonce }))
      .execute()
  }
}

async function markSent(
  { db }: Transaction,
  messages: readonly MessageRow[],
  batch: BatchRow,
  pins: readonly string[][] | undefined,
): Promise<void> {
  const { id, txId } = batch
  if (!pins) {
    const seqs = messages.map(({ seq }) => seq)
    await db
      .updateTable('messages')
      .set({ state: 'sent', batch: id, tx: txId })
      .where('seq', 'in', seqs)
      .execute()
    return
  }
  for (const [i, { seq }] of messages.entries()) {
    await db
      .updateTable('messages')
      .set({ state: 'sent', batch: id, tx: txId, pins: pins[i]?.join(',') ?? null })
      .where('seq', '=', seq)
      .execute()
  }
}
