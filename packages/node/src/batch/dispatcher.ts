import type { BatchPayload } from '@concordat/protocol'
import { sql } from 'kysely'
import type { Chain, ContractLocation } from '../chain/chain.ts'
import type { EventLog } from '../events/log.ts'
import type { Logger } from '../lib/logger.ts'
import { type Stage, startStage } from '../lib/stage.ts'
import type { World } from '../lib/world.ts'
import type { Operations } from '../operations/operations.ts'
import type { SharedStorage } from '../storage/storage.ts'
import type { Database, Transaction } from '../store/database.ts'
import { Mutex } from '../store/mutex.ts'
import type { BatchRow, DataRow, MessageRow, OperationRow, OutboxRow } from '../store/schema.ts'
import { cancel } from './cancel.ts'
import { type BuiltPayload, buildPayload } from './payload.ts'
import { operationTypes, type RecipientsOf } from './plan.ts'
import { contextsOf } from './seal.ts'

export interface DispatcherDeps {
  readonly namespace: string
  readonly networkName: string
  readonly world: World
  readonly log: Logger
  readonly database: Database
  readonly events: EventLog
  readonly operations: Operations
  readonly chain: Chain
  readonly contract: () => ContractLocation
  readonly storage: SharedStorage
  readonly recipientsOf: RecipientsOf
  readonly freshData: FreshData
  /** Keeps a private payload, to be sent and to be asked for again, in the caller's transaction. */
  readonly keepPayload: (tx: Transaction, hash: string, content: Uint8Array) => Promise<void>
  readonly enqueue: (tx: Transaction, rows: readonly Omit<OutboxRow, 'seq'>[]) => Promise<void>
  /** Told what a batch holds, before its pin can come back. */
  readonly onBuilt: (batch: BatchRow, payload: BatchPayload) => void
  readonly onSent: (batch: BatchRow) => void
  /** Follows the private contexts of a batch, in the caller's transaction. */
  readonly follow: (
    tx: Transaction,
    groupHash: string,
    topics: readonly string[],
  ) => Promise<unknown>
  /** Whether a transaction was ever signed for an operation. */
  readonly isSigned: (operationId: string) => Promise<boolean>
}

export interface Dispatcher extends Stage {
  /** Takes back a batch of which no signed transaction ever left this node. Throws CC20703 otherwise. */
  cancel(batchId: string): Promise<BatchRow>
}

/** Data rows written lately, by id and hash: spares sealing a read. */
export interface FreshData {
  take(id: string, hash: string): DataRow | undefined
}

const PAGE = 16

/**
 * Takes sealed batches in order: payload out (durable, not yet delivered), then the pin. A batch that is dispatched again
 * repeats the same operations, so a crash anywhere doubles nothing.
 */
export function startDispatcher(deps: DispatcherDeps): Dispatcher {
  const { database, namespace } = deps
  // A batch is either being handed to the chain or being cancelled.
  const turn = new Mutex()
  const stage = startStage({
    name: `dispatcher ${namespace}`,
    idleMs: 5_000,
    world: deps.world,
    onError: (error) => deps.log.error({ err: error }, 'batch dispatch failed; it is tried again'),
    step: async (signal) => {
      const batches = await database.read
        .selectFrom('batches')
        .selectAll()
        .where('namespace', '=', namespace)
        .where('state', '=', sql.lit('sealed'))
        .orderBy('seq')
        .limit(PAGE)
        .execute()
      for (const batch of batches) {
        if (signal.aborted) return false
        await turn.run(() => dispatch(deps, batch))
      }
      return batches.length === PAGE
    },
  })
  return { ...stage, cancel: (batchId) => turn.run(() => cancel(deps, batchId)) }
}

async function dispatch(deps: DispatcherDeps, { seq }: BatchRow): Promise<void> {
  const { database, namespace, chain } = deps
  const batch = await database.read
    .selectFrom('batches')
    .selectAll()
    .where('seq', '=', seq)
    .where('state', '=', sql.lit('sealed'))
    .executeTakeFirst()
  if (!batch) return
  const [messages, operations] = await Promise.all([
    database.read
      .selectFrom('messages')
      .selectAll()
      .where('namespace', '=', namespace)
      .where('batch', '=', batch.id)
      .orderBy('seq')
      .execute(),
    database.read
      .selectFrom('operations')
      .selectAll()
      .where('namespace', '=', namespace)
      .where('tx', '=', batch.txId)
      .orderBy('seq')
      .execute(),
  ])
  const built = await buildPayload(deps, batch, messages)
  const payloadRef = batch.groupHash === null ? await deps.storage.publish(built.content) : ''
  deps.onBuilt({ ...batch, payloadRef }, built.payload)
  await database.transaction((tx) =>
    recordDelivery(deps, tx, { batch, payloadRef, built, operations }),
  )
  const pin = operations.find(({ type, retry }) => type === operationTypes.pin && retry === null)
  if (pin) {
    await chain.submit({
      id: pin.id,
      key: batch.key,
      contract: deps.contract(),
      method: 'pinBatch',
      pin: {
        txId: batch.txId,
        batchId: batch.id,
        batchHash: batch.hash,
        payloadRef,
        contexts: contextsOf(messages),
      },
    })
  }
  await database.transaction((tx) => recordSent(deps, tx, { batch, messages, pin }))
  deps.onSent(batch)
}

interface Delivery {
  readonly batch: BatchRow
  readonly payloadRef: string
  readonly built: BuiltPayload
  readonly operations: readonly OperationRow[]
}

async function recordDelivery(
  deps: DispatcherDeps,
  tx: Transaction,
  { batch, payloadRef, built, operations }: Delivery,
): Promise<void> {
  await tx.db.updateTable('batches').set({ payloadRef }).where('seq', '=', batch.seq).execute()
  if (batch.groupHash === null) {
    const uploads = operations.filter(({ type }) => type === operationTypes.upload)
    return await deps.operations.update(
      tx,
      uploads.map(({ id }) => ({ id, status: 'Succeeded', output: { payloadRef } })),
    )
  }
  await deps.keepPayload(tx, batch.hash, built.content)
  await deps.follow(
    tx,
    batch.groupHash,
    built.payload.payload.messages.flatMap(({ header }) => header.topics),
  )
  const peers = new Map(
    (await deps.recipientsOf(tx, batch.groupHash)).map(({ node, peer }) => [node, peer]),
  )
  const rows = operations
    .filter(({ type, status }) => type === operationTypes.send && status === 'Initialized')
    .flatMap((operation) => outboxRows(batch, built, operation, peers))
  await deps.enqueue(tx, rows)
  await deps.operations.update(
    tx,
    operations
      .filter(({ type }) => type === operationTypes.send)
      .map(({ id }) => ({ id, status: 'Pending' })),
  )
}

/** A receiver's rows, blobs first: the batch arrives when what it refers to has. */
function outboxRows(
  batch: BatchRow,
  { blobs }: BuiltPayload,
  operation: OperationRow,
  peers: ReadonlyMap<string, string>,
): Omit<OutboxRow, 'seq'>[] {
  const { node } = JSON.parse(operation.input ?? '{}') as { node?: string }
  const recipient = peers.get(node ?? '')
  if (recipient === undefined) return []
  const row = { namespace: batch.namespace, recipient, attempts: 0, due: 0, created: batch.created }
  return [
    ...blobs.map((dataId) => ({ ...row, id: operation.id, kind: 'blob', ref: dataId })),
    { ...row, id: operation.id, kind: 'message', ref: batch.hash },
  ]
}

interface Sending {
  readonly batch: BatchRow
  readonly messages: readonly MessageRow[]
  readonly pin: OperationRow | undefined
}

async function recordSent(
  deps: DispatcherDeps,
  tx: Transaction,
  { batch, messages, pin }: Sending,
): Promise<void> {
  await tx.db.updateTable('batches').set({ state: 'sent' }).where('seq', '=', batch.seq).execute()
  if (pin) return await deps.operations.update(tx, [{ id: pin.id, status: 'Pending' }])
  const confirmed = batch.created
  await tx.db
    .updateTable('messages')
    .set({ state: 'confirmed', confirmed })
    .where(
      'seq',
      'in',
      messages.map(({ seq }) => seq),
    )
    .execute()
  await deps.events.append(
    tx,
    messages.flatMap((row) =>
      row.topics
        .split(',')
        .map((topic) => ({
          type: 'message_confirmed',
          reference: row.id,
          correlator: row.cid,
          tx: batch.txId,
          topic,
        })),
    ),
  )
}
