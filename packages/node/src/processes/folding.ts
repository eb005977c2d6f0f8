import { type Decision, decide, type InstanceState, saveState } from '@concordat/protocol/process'
import type { Logger } from '../lib/logger.ts'
import type { Transaction } from '../store/database.ts'
import { prepared } from '../store/prepared.ts'
import type { ProcessEventRow, ProcessRow } from '../store/process-schema.ts'
import { type CreationDeps, decideCreation } from './creation.ts'
import { firstRow } from './creation-columns.ts'
import type { FoldListener } from './fold-listener.ts'
import { FoldWrites, type FoldWritesDeps } from './fold-writes.ts'
import { columnsOf, type Instance } from './instance.ts'
import type { Instances } from './instances.ts'
import { toSpineEvent } from './process-events.ts'

export interface FoldingDeps extends CreationDeps, FoldWritesDeps {
  readonly instances: Instances
  readonly listeners: readonly FoldListener[]
  readonly log: Logger
}

/** Decisions after which an instance is saved anew: no more than these are made again to have it. */
const SAVE_EVERY = 32

/** One instance, while a transaction folds what is next. */
interface Fold {
  readonly tx: Transaction
  /** Padded. */
  readonly now: string
  readonly writes: FoldWrites
  readonly decisions: Decision[]
}

/**
 * Folds events that follow what an instance has folded, until one can't be, and writes what they made of it. Without an
 * instance, one of them may create it.
 */
export async function foldEvents(
  deps: FoldingDeps,
  tx: Transaction,
  before: Instance | undefined,
  events: readonly ProcessEventRow[],
  now: string,
): Promise<void> {
  const fold: Fold = { tx, now, writes: new FoldWrites(deps.namespace, now), decisions: [] }
  let instance = before
  for (const event of events) {
    const next = instance?.state
      ? decideNext(deps, fold, instance, instance.state, event)
      : await create(deps, fold, instance, event)
    if (next === 'stopped') break
    instance = next
  }
  if (instance && instance !== before) await write(deps, fold, before, instance)
}

/** `stopped`: no event of this instance is folded from here on, until something else happens. */
function decideNext(
  { log }: FoldingDeps,
  { writes, decisions }: Fold,
  { row, savedN }: Instance,
  state: InstanceState,
  event: ProcessEventRow,
): Instance | 'stopped' {
  if (state.stop) return 'stopped'
  const nextEvent = event.seq + 1
  const spine = toSpineEvent(event)
  if (!spine) return { row: { ...row, nextEvent }, state, savedN }
  const { state: after, divergence, ...made } = decide(state, spine)
  const reference = event.message ?? undefined
  writes.addDecisions(row.id, made.decisions)
  decisions.push(...made.decisions)
  if (after.stop) writes.addEvent('process_blocked', row.id, reference)
  if (!state.situation.closed && after.situation.closed)
    writes.addEvent('process_closed', row.id, reference)
  if (divergence) {
    log.error({ process: row.id, author: event.author, ...divergence }, 'histories differ')
    writes.addEvent('process_divergence_suspected', row.id, reference)
  }
  const columns = { ...columnsOf(after), nextEvent: after.stop ? event.seq : nextEvent }
  return { row: { ...row, ...columns }, state: after, savedN }
}

async function create(
  deps: FoldingDeps,
  { tx, now, writes }: Fold,
  instance: Instance | undefined,
  event: ProcessEventRow,
): Promise<Instance | undefined | 'stopped'> {
  if (instance && isHeld(instance.row) && event.seq !== instance.row.nextEvent) return 'stopped'
  // One that was refused does not keep others from creating it.
  const earlier = instance?.row.status === 'refused' ? undefined : instance
  const outcome = await decideCreation(deps, tx, event)
  if (!outcome) return instance
  const row = {
    ...firstRow(outcome, event, now),
    ...(instance && { seq: instance.row.seq, created: instance.row.created }),
  }
  const status = earlier?.row.status
  if (row.status === status) return instance
  const reference = event.message ?? undefined
  if (status !== undefined) writes.addEvent('process_unblocked', row.id, reference)
  writes.addEvent(eventOf[outcome.kind], row.id, reference)
  return { row, state: outcome.kind === 'created' ? outcome.state : undefined, savedN: 0 }
}

/** Whether an earlier creation is to be decided first: nothing after it counts before. */
const isHeld = ({ status }: ProcessRow): boolean => status === 'waiting' || status === 'parked'

const eventOf = {
  created: 'process_created',
  refused: 'process_closed',
  waiting: 'process_blocked',
  parked: 'process_blocked',
} as const

async function write(
  deps: FoldingDeps,
  { tx, now, writes, decisions }: Fold,
  before: Instance | undefined,
  made: Instance,
): Promise<void> {
  const { state, row, savedN } = withSave(made)
  const process = await writeRow(tx, before?.row, { ...row, updated: now })
  const hasChanged = state && state !== before?.state
  if (hasChanged) writes.addValues(process.id, before?.state, state)
  await writes.flush(tx, deps)
  deps.instances.change(tx, { row: process, state, savedN })
  if (!hasChanged) return
  const folded = { process, before: before?.state, state, decisions }
  for (const listener of deps.listeners) await listener.onFolded(tx, folded)
}

/** With the state in the row, when enough has happened since the last time. */
function withSave(instance: Instance): Instance {
  const { row, state, savedN } = instance
  if (!state || state.n - savedN < SAVE_EVERY) return instance
  const saved = JSON.stringify(saveState(state))
  return { row: { ...row, saved, savedEvent: row.nextEvent }, state, savedN: state.n }
}

async function writeRow(
  tx: Transaction,
  before: ProcessRow | undefined,
  after: ProcessRow,
): Promise<ProcessRow> {
  if (!before) {
    const row = { ...after, seq: tx.sequence('processes', 1) }
    await tx.insertMany('processes', [row])
    return row
  }
  const { seq } = before
  const { status, reason, n, hash, clock, nextDue, view, nextEvent, updated } = after
  const usual = { seq, status, reason, n, hash, clock, nextDue, view, nextEvent, updated }
  await updateRow(tx.db, usual)
  const { flow, name, version, saved, savedEvent, creator, message } = after
  const isRare =
    flow !== before.flow ||
    name !== before.name ||
    saved !== before.saved ||
    savedEvent !== before.savedEvent
  if (isRare)
    await tx.db
      .updateTable('processes')
      .set({ flow, name, version, saved, savedEvent, creator, message })
      .where('seq', '=', seq)
      .execute()
  return after
}

type UsualColumns = Pick<
  ProcessRow,
  | 'seq'
  | 'status'
  | 'reason'
  | 'n'
  | 'hash'
  | 'clock'
  | 'nextDue'
  | 'view'
  | 'nextEvent'
  | 'updated'
>

const updateRow = prepared((db, { seq, ...columns }: UsualColumns) =>
  db.updateTable('processes').set(columns).where('seq', '=', seq),
)
