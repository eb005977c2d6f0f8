import { formatTime, nonceKey, padTime, privateContext } from '@concordat/protocol'
import type { EventLog } from '../events/log.ts'
import type { World } from '../lib/world.ts'
import type { Operations } from '../operations/operations.ts'
import type { Transaction } from '../store/database.ts'
import { prepared } from '../store/prepared.ts'
import type { BatchRow, MessageRow } from '../store/schema.ts'
import { type Delivery, deliverIn } from './delivery.ts'
import { buildPayload, hasUnpublishedBlob, loadData } from './payload.ts'
import { planOperations } from './plan.ts'
import { nonceKeysOf, type Sealed, sealBatch, topicsOf } from './seal.ts'
import type { SealedBatch } from './sealed-batch.ts'

export interface SealerDeps extends Delivery {
  readonly namespace: string
  readonly world: Pick<World, 'now' | 'uuid' | 'yield'>
  readonly events: EventLog
  readonly operations: Operations
  /** Our node's identity, once registered. */
  readonly nodeId: () => string | undefined
}

/** Cuts batches and writes them with everything that sending them needs: nonces, operations, payloads, outbox. */
export async function sealInto(
  deps: SealerDeps,
  tx: Transaction,
  cuts: readonly (readonly MessageRow[])[],
): Promise<SealedBatch[]> {
  const sealed: SealedBatch[] = []
  for (const messages of cuts) {
    // Each takes a while: whoever else has work in this process has a turn between them.
    if (sealed.length > 0) await deps.world.yield()
    sealed.push(await sealOne(deps, tx, messages))
  }
  await deps.events.append(
    tx,
    sealed.map(({ batch }) => ({
      type: 'transaction_submitted',
      reference: batch.txId,
      tx: batch.txId,
      topic: batch.txType,
    })),
  )
  return sealed
}

async function sealOne(
  deps: SealerDeps,
  tx: Transaction,
  messages: readonly MessageRow[],
): Promise<SealedBatch> {
  const { namespace } = deps
  const stored = await loadNonces(tx, namespace, messages)
  const nonces = await raiseNonces(tx, namespace, messages, stored)
  const batchId = deps.world.uuid()
  const txId = deps.world.uuid()
  const txType = messages[0]?.txtype ?? 'batch_pin'
  const sealed = sealBatch({ batchId, txId, txType, messages, nonces })
  const rows = messages.map(
    (row, i): MessageRow => ({
      ...row,
      state: 'sent',
      batch: batchId,
      tx: txId,
      pins: sealed.pins?.[i]?.join(',') ?? row.pins,
    }),
  )
  const batch = toBatchRow(deps, tx, { batchId, txId, txType, sealed }, rows)
  const operations = await deps.operations.create(
    tx,
    await planOperations(tx, batch, rows, deps.recipientsOf),
  )
  await tx.insertMany('transactions', [
    {
      seq: tx.sequence('transactions', 1),
      namespace,
      id: txId,
      type: txType,
      created: batch.created,
      idempotencyKey: null,
      blockchainIds: null,
    },
  ])
  await saveNonces(tx, namespace, stored, sealed.nonces)
  await markSent(tx, rows, batch, sealed.pins !== undefined)
  const data = await loadData(deps, tx, rows)
  if (batch.groupHash === null && (deps.publishIn === undefined || data.some(hasUnpublishedBlob))) {
    await tx.insertMany('batches', [batch])
    return { batch, messages: rows, operations, payload: undefined }
  }
  const built = await buildPayload(deps, tx, batch, { messages: rows, data })
  const delivered = await deliverIn(deps, tx, { batch, built, operations })
  await tx.insertMany('batches', [delivered])
  return { batch: delivered, messages: rows, operations, payload: built.payload }
}

interface Cut {
  readonly batchId: string
  readonly txId: string
  readonly txType: string
  readonly sealed: Sealed
}

function toBatchRow(
  { namespace, world, nodeId }: SealerDeps,
  tx: Transaction,
  { batchId, txId, txType, sealed }: Cut,
  [first]: readonly MessageRow[],
): BatchRow {
  return {
    seq: tx.sequence('batches', 1),
    namespace,
    id: batchId,
    type: first?.groupHash == null ? 'broadcast' : 'private',
    author: first?.author ?? '',
    key: first?.key ?? '',
    groupHash: first?.groupHash ?? null,
    node: nodeId() ?? null,
    created: padTime(formatTime(world.now())),
    hash: sealed.hash,
    manifest: sealed.manifest,
    payloadRef: '',
    txType,
    txId,
    confirmed: null,
    state: 'sealed',
  }
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

/** Pins of ours that were settled used up their nonces, even if a database that is lost knew of them and this one does not. */
async function raiseNonces(
  { db }: Transaction,
  namespace: string,
  messages: readonly MessageRow[],
  stored: ReadonlyMap<string, number>,
): Promise<Map<string, number>> {
  const nonces = new Map(stored)
  const own = messages.filter(({ pins, groupHash }) => pins === null && groupHash !== null)
  const contexts = own.flatMap((row) =>
    topicsOf(row).map((topic) => privateContext(topic, row.groupHash ?? '')),
  )
  if (contexts.length === 0) return nonces
  const settled = await db
    .selectFrom('nextpins')
    .select(['topic', 'groupHash', 'identity', 'nonce'])
    .where('namespace', '=', namespace)
    .where('context', 'in', [...new Set(contexts)])
    .where('identity', 'in', [...new Set(own.map(({ author }) => author))])
    .where('nonce', '>', 0)
    .execute()
  for (const { topic, groupHash, identity, nonce } of settled) {
    const key = nonceKey(topic, groupHash, identity)
    nonces.set(key, Math.max(nonce, nonces.get(key) ?? 0))
  }
  return nonces
}

async function saveNonces(
  tx: Transaction,
  namespace: string,
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): Promise<void> {
  const fresh = [...after].filter(([hash]) => !before.has(hash))
  await tx.insertMany(
    'nonces',
    fresh.map(([hash, nonce]) => ({ namespace, hash, nonce })),
  )
  for (const [hash, nonce] of after) {
    if (before.has(hash) && before.get(hash) !== nonce)
      await setNonce(tx.db, { namespace, hash, nonce })
  }
}

const setNonce = prepared((db, given: { namespace: string; hash: string; nonce: number }) =>
  db
    .updateTable('nonces')
    .set({ nonce: given.nonce })
    .where('namespace', '=', given.namespace)
    .where('hash', '=', given.hash),
)

async function markSent(
  { db }: Transaction,
  rows: readonly MessageRow[],
  { id, txId }: BatchRow,
  isPrivate: boolean,
): Promise<void> {
  if (isPrivate) {
    for (const { seq, pins } of rows) await setSent(db, { seq, pins, batch: id, tx: txId })
    return
  }
  const sent = { state: 'sent', batch: id, tx: txId }
  for (const seqs of runsOf(rows))
    await db
      .updateTable('messages')
      .set(sent)
      .where('seq', '>=', seqs.first)
      .where('seq', '<=', seqs.last)
      .execute()
}

const setSent = prepared(
  (db, given: { seq: number; pins: string | null; batch: string; tx: string }) =>
    db
      .updateTable('messages')
      .set({ state: 'sent', pins: given.pins, batch: given.batch, tx: given.tx })
      .where('seq', '=', given.seq),
)

/** Runs of consecutive numbers: messages of one author mostly follow each other. */
function runsOf(rows: readonly MessageRow[]): { first: number; last: number }[] {
  const runs: { first: number; last: number }[] = []
  for (const { seq } of rows) {
    const run = runs.at(-1)
    if (run && run.last === seq - 1) run.last = seq
    else runs.push({ first: seq, last: seq })
  }
  return runs
}
