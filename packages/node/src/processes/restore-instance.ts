import {
  decide,
  type InstanceState,
  restoreState,
  type SavedState,
} from '@concordat/protocol/process'
import type { Transaction } from '../store/database.ts'
import type { ProcessEventRow, ProcessRow } from '../store/process-schema.ts'
import { type CreationDeps, recreate } from './creation.ts'
import { NO_VIEW } from './creation-columns.ts'
import type { Instance } from './instance.ts'
import { toSpineEvent } from './process-events.ts'

/** Makes an instance again, from what was saved of it and the events since. */
export async function restoreInstance(
  deps: CreationDeps,
  { db }: Pick<Transaction, 'db'>,
  row: ProcessRow,
): Promise<Instance> {
  if (row.view === NO_VIEW) return { row, state: undefined, savedN: 0 }
  const events = await db
    .selectFrom('processEvents')
    .selectAll()
    .where('namespace', '=', row.namespace)
    .where('process', '=', row.id)
    .where('seq', '>=', row.savedEvent)
    .where('seq', '<', row.nextEvent)
    .orderBy('seq')
    .execute()
  const start = await startOf(deps, { db }, row, events)
  let { state } = start
  for (const event of start.rest) {
    const spine = toSpineEvent(event)
    if (spine) state = decide(state, spine).state
  }
  if (state.hash !== row.hash) throw new Error(`process ${row.id} can't be made again`)
  return { row, state, savedN: start.savedN }
}

interface Start {
  readonly state: InstanceState
  readonly rest: readonly ProcessEventRow[]
  readonly savedN: number
}

async function startOf(
  deps: CreationDeps,
  tx: Pick<Transaction, 'db'>,
  row: ProcessRow,
  events: readonly ProcessEventRow[],
): Promise<Start> {
  if (row.saved === null) {
    const [first, ...rest] = events
    const state = first && (await recreate(deps, tx, first))
    if (!state) throw new Error(`process ${row.id} has lost its creation`)
    return { state, rest, savedN: 0 }
  }
  const saved: SavedState = JSON.parse(row.saved)
  const { flow } = row
  const found = await deps.flows.find(tx.db, flow)
  if (found?.kind !== 'loaded') throw new Error(`process ${row.id} has lost its definition`)
  // What stopped it is decided again: a newer version may know more.
  const state = restoreState(saved, found.definition, { resume: true })
  return { state, rest: events, savedN: state.n }
}
