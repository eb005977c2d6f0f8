import type { BatchPayload } from '@concordat/protocol'
import type { Chain, ContractLocation } from '../chain/chain.ts'
import type { EventLog } from '../events/log.ts'
import type { BlobStore } from '../exchange/exchange.ts'
import type { Logger } from '../lib/logger.ts'
import { type Stage, startStage } from '../lib/stage.ts'
import type { World } from '../lib/world.ts'
import type { Operations } from '../operations/operations.ts'
import type { SharedStorage } from '../storage/storage.ts'
import type { Database, Transaction } from '../store/database.ts'
import type { BatchRow, MessageRow, OperationRow, OutboxRow } from '../store/schema.ts'
import { buildPayload, type BuiltPayload } from './payload.ts'
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
  readonly blobs: BlobStore
}

/** Data rows written lately, by id and hash: spares sealing a read. */
export interface FreshData {
  take(id: string, hash: string): import('../store/schema.ts').DataRow | undefined
}

const PAGE = 16

/**
 * Takes sealed batches in order: payload out (durable, not yet delivered), then the pin. A batch that is dispatched again
 * repeats the same operations, so a crash anywhere doubles nothing.
 */
export function startDispatcher(deps: DispatcherDeps): Stage {
  const { database, namespace } = deps
  return startStage({
    name: `dispatcher ${namespace}`,
    idleMs: 5_000,
    world: deps.world,
    onError: (error) => deps.log.error({ err: error }, 'batch dispatch failed; it is tried again'),
    step: async (signal) => {
      const batches = await database.read
        .selectFrom('batches')
        .selectAll()
        .where('namespace', '=', namespace)
        .where('state', '=', 'sealed')
        .orderBy('seq')
        .limit(PAGE)
        .execute()
      for (const batch of batches) {
        if (signal.aborted) return false
        await dispatch(deps, batch)
      }
      return batches.length === PAGE
    },
  })
}

async function dispatch(deps: DispatcherDeps, batch: BatchRow): Promise<void> {
  const { database, namespace, chain } = deps
  const [messages, operations] = await Promise.all([
    database.read.selectFrom('messages').selectAll().where('namespace', '=', namespace).where('batch', '=', batch.id).orderBy('seq').execute(),
    database.read.selectFrom('operations').selectAll().where('namespace', '=', namespace).where('tx', '=', batch.txId).orderBy('seq').execute(),
  ])
  const built = await buildPayload(deps, batch, messages)
  const payloadRef = batch.groupHash === null ? await deps.storage.publish(built.content) : ''
  deps.onBuilt({ ...batch, payloadRef }, built.payload)
  await database.transaction((tx) => recordDelivery(deps, tx, { batch, payloadRef, built, operations }))
  const pin = operations.find(({ type }) => type === operationTypes.pin)
  if (pin) {
    await chain.submit({
      id: pin.id,
      key: batch.key,
      contract: deps.contract(),
      method: 'pinBatch',
      pin: { txId: batch.txId, batchId: batch.id, batchHash: batch.hash, payloadRef, contexts: contextsOf(messages) },
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

async function recordDelivery(deps: DispatcherDeps, tx: Transaction, { batch, payloadRef, built, operations }: Delivery): Promise<void> {
  await tx.db.updateTable('batches').set({ payloadRef }).where('seq', '=', batch.seq).execute()
  if (batch.groupHash === null) {
    const uploads = operations.filter(({ type }) => type === operationTypes.upload)
    return await deps.operations.update(tx, uploads.map(({ id }) => ({ id, status: 'Succeeded', output: { payloadRef } })))
  }
  await deps.keepPayload(tx, batch.hash, built.content)
  const peers = new Map((await deps.recipientsOf(batch.groupHash)).map(({ node, peer }) => [node, peer]))
  const rows = operations
    .filter(({ type, status }) => type === operationTypes.send && status === 'Initialized')
    .flatMap((operation) => outboxRows(batch, built, operation, peers))
  await deps.enqueue(tx, rows)
  await deps.operations.update(tx, operations.filter(({ type }) => type === operationTypes.send).map(({ id }) => ({ id, status: 'Pending' })))
}

/** A receiver's rows, blobs first: the batch arrives when what it refers to has. */
function outboxRows(batch: BatchRow, { blobs }: BuiltPayload, operation: OperationRow, peers: ReadonlyMap<string, string>): Omit<OutboxRow, 'seq'>[] {
  const { node } = JSON.parse(operation.input ?? '{}') as { node?: string }
  const recipient = peers.get(node ?? '')
  if (recipient === undefined) return []
  const row = { namespace: batch.namespace, recipient, attempts: 0, due: 0, created: batch.created }
  return [...blobs.map((dataId) => ({ ...row, id: operation.id, kind: 'blob', ref: dataId })), { ...row, id: operation.id, kind: 'message', ref: batch.hash }]
}

interface Sending {
  readonly batch: BatchRow
  readonly messages: readonly MessageRow[]
  readonly pin: OperationRow | undefined
}

async function recordSent(deps: DispatcherDeps, tx: Transaction, { batch, messages, pin }: Sending): Promise<void> {
  await tx.db.updateTable('batches').set({ state: 'sent' }).where('seq', '=', batch.seq).execute()
  if (pin) return await deps.operations.update(tx, [{ id: pin.id, status: 'Pending' }])
  const confirmed = batch.created
  await tx.db
    .updateTable('messages')
    .set({ state: 'confirmed', confirmed })
    .where('seq', 'in', messages.map(({ seq }) => seq))
    .execute()
  await deps.events.append(
    tx,
    messages.flatMap((row) => row.topics.split(',').map((topic) => ({ type: 'message_confirmed', reference: row.id, correlator: row.cid, tx: batch.txId, topic }))),
  )
}
