import {
  formatTime,
  hashDataRefs,
  hashMessageHeader,
  NodeError,
  padTime,
  trimTime,
} from '@concordat/protocol'
import type { Transaction } from '../store/database.ts'
import type { BatchRow, MessageRow } from '../store/schema.ts'
import { rowToMessage } from '../store/tables/messages.ts'
import type { DispatcherDeps } from './dispatcher.ts'
import { operationTypes } from './plan.ts'

/**
 * Takes back a batch that the chain can't have: its messages become `cancelled`. A private batch has used up nonces, so a
 * message of no content takes the place of each, with the same pins: the members' order goes on without a hole.
 */
export async function cancel(deps: DispatcherDeps, batchId: string): Promise<BatchRow> {
  const { database, namespace } = deps
  const batch = await database.read
    .selectFrom('batches')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('id', '=', batchId)
    .executeTakeFirst()
  if (!batch) throw new NodeError('FF10109')
  const pins = await database.read
    .selectFrom('operations')
    .select('id')
    .where('namespace', '=', namespace)
    .where('tx', '=', batch.txId)
    .where('type', '=', operationTypes.pin)
    .execute()
  const signed = await Promise.all(pins.map(({ id }) => deps.isSigned(id)))
  if (batch.state !== 'sealed' || signed.includes(true))
    throw new NodeError('CC20703', { id: batchId })
  await database.transaction((tx) => write(deps, tx, batch))
  deps.onSent(batch)
  return { ...batch, state: 'cancelled' }
}

async function write(deps: DispatcherDeps, tx: Transaction, batch: BatchRow): Promise<void> {
  const { namespace } = deps
  const now = formatTime(deps.world.now())
  const messages = await tx.db
    .selectFrom('messages')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('batch', '=', batch.id)
    .orderBy('seq')
    .execute()
  await tx.db
    .updateTable('batches')
    .set({ state: 'cancelled' })
    .where('seq', '=', batch.seq)
    .execute()
  await tx.db
    .deleteFrom('outbox')
    .where('namespace', '=', namespace)
    .where('ref', '=', batch.hash)
    .execute()
  await tx.db
    .updateTable('messages')
    .set({ state: 'cancelled', confirmed: padTime(now) })
    .where('namespace', '=', namespace)
    .where('batch', '=', batch.id)
    .where('type', '!=', 'groupinit')
    .execute()
  const operations = await tx.db
    .selectFrom('operations')
    .select('id')
    .where('namespace', '=', namespace)
    .where('tx', '=', batch.txId)
    .execute()
  await deps.operations.update(
    tx,
    operations.map(({ id }) => ({ id, status: 'Failed', error: 'cancelled' })),
  )
  const pinned = messages.filter(({ pins, type }) => pins !== null || type === 'groupinit')
  const first = tx.sequence('messages', pinned.length)
  const ready: MessageRow[] = []
  for (const [i, row] of pinned.entries()) {
    const seq = first + i
    if (row.type === 'groupinit') ready.push(await sendAgain(tx, row, seq))
    else {
      const gap = gapFill(row, { seq, id: deps.world.uuid(), now })
      await tx.insertMany('messages', [gap])
      ready.push(gap)
    }
  }
  tx.onCommit(() => deps.onReadyAgain(ready))
}

/** The announcement of a group is needed by all that follows: it goes out with the gap-fills. */
async function sendAgain({ db }: Transaction, row: MessageRow, seq: number): Promise<MessageRow> {
  const change = { seq, state: 'ready', batch: null, tx: null }
  await db.updateTable('messages').set(change).where('seq', '=', row.seq).execute()
  return { ...row, ...change }
}

function gapFill(
  row: MessageRow,
  { seq, id, now }: { seq: number; id: string; now: string },
): MessageRow {
  const { header } = rowToMessage(row)
  const datahash = hashDataRefs([])
  const filled = {
    ...header,
    id,
    cid: row.id,
    tag: 'ff_gap_fill',
    txtype: 'batch_pin',
    datahash,
    created: trimTime(now),
  }
  return {
    ...row,
    seq,
    id,
    cid: row.id,
    tag: filled.tag,
    txtype: filled.txtype,
    datahash,
    created: padTime(now),
    hash: hashMessageHeader(filled),
    batch: null,
    tx: null,
    state: 'ready',
    confirmed: null,
    rejectReason: null,
    idempotencyKey: null,
    dataRefs: '[]',
    size: 1024,
  }
}
