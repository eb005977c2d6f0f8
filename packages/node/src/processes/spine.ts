import { formatTime, padTime } from '@concordat/protocol'
import {
  instanceOfTopic,
  processTags,
  readAdoption,
  readDefinition,
} from '@concordat/protocol/process'
import {
  isProcessTopic,
  type SettledBroadcast,
  type SettledPin,
  type SettledPinHook,
} from '../aggregator/settled-pin.ts'
import { type Stage, startStage } from '../lib/stage.ts'
import type { World } from '../lib/world.ts'
import type { Database, Transaction } from '../store/database.ts'
import type { ProcessEventRow, ProcessRow } from '../store/process-schema.ts'
import { FLOWS_TOPIC } from './creation.ts'
import { type FoldingDeps, foldEvents } from './folding.ts'
import type { Instance } from './instance.ts'
import { positionText } from './positions.ts'
import { toEventRow } from './process-events.ts'
import { restoreInstance } from './restore-instance.ts'

export interface SpineDeps extends FoldingDeps {
  readonly database: Database
  readonly world: World
}

/** Folds what the recogniser settles, in its own transaction. */
export interface Spine extends Stage {
  readonly hook: SettledPinHook
  /** An instance as of its last decision; undefined if there is none. */
  find(id: string): Promise<Instance | undefined>
}

/** How often instances are looked at that wait for what was pinned before their creation. */
const LOOK_MS = 500
const PAGE = 500

export function startSpine(deps: SpineDeps): Spine {
  const { world, database, log } = deps
  const hook: SettledPinHook = {
    wants: isProcessTopic,
    onPinSettled: (tx, settled) => takeIn(deps, tx, settled),
    async onBroadcastSettled(tx, settled) {
      await keepAnnouncements(deps, tx, settled)
      tx.onCommit(() => stage.nudge())
    },
  }
  let resumed = false
  const stage = startStage({
    name: 'processes',
    idleMs: LOOK_MS,
    world,
    onError: (err) => log.error({ err }, 'waiting processes can not be looked at'),
    async step() {
      // At the start, what an older version could not go on with is tried again.
      const states = resumed ? ['waiting'] : ['waiting', 'parked', 'halted']
      for (const id of await idsOf(deps, states))
        await database.transaction((tx) => advance(deps, tx, id))
      resumed = true
      return false
    },
  })
  return {
    ...stage,
    hook,
    async find(id) {
      const known = deps.instances.get(id)
      if (known) return known
      return await database.transaction(async (tx) => {
        const found = await load(deps, tx, id)
        if (found) deps.instances.keep(found)
        return found
      })
    },
  }
}

async function takeIn(
  deps: SpineDeps,
  tx: Transaction,
  settled: readonly SettledPin[],
): Promise<void> {
  const now = nowOf(deps)
  const byProcess = new Map<string, ProcessEventRow[]>()
  for (const pin of settled) {
    const process = instanceOfTopic(pin.topic)
    if (process === undefined) continue
    const row = toEventRow(tx, deps.namespace, process, pin, now)
    const rows = byProcess.get(process)
    if (rows) rows.push(row)
    else byProcess.set(process, [row])
  }
  await tx.insertMany('processEvents', [...byProcess.values()].flat())
  for (const [process, rows] of byProcess) {
    const instance = deps.instances.get(process, tx) ?? (await load(deps, tx, process))
    if (!instance || isMoving(instance.row)) await foldEvents(deps, tx, instance, rows, now)
  }
}

/** Whether there is nothing older to be folded first. */
const isMoving = ({ status }: ProcessRow): boolean =>
  status === 'open' || status === 'running' || status === 'closed'

/** Folds what has been waiting, as far as it goes now. */
async function advance(deps: SpineDeps, tx: Transaction, id: string): Promise<void> {
  for (;;) {
    const instance = deps.instances.get(id, tx) ?? (await load(deps, tx, id))
    if (!instance) return
    const { row } = instance
    const events = await tx.db
      .selectFrom('processEvents')
      .selectAll()
      .where('namespace', '=', row.namespace)
      .where('process', '=', id)
      .where('seq', '>=', row.nextEvent)
      .orderBy('seq')
      .limit(PAGE)
      .execute()
    await foldEvents(deps, tx, instance, events, nowOf(deps))
    const after = deps.instances.get(id, tx)?.row
    if (events.length < PAGE || !after || !isMoving(after)) return
  }
}

async function load(
  deps: SpineDeps,
  tx: Pick<Transaction, 'db'>,
  id: string,
): Promise<Instance | undefined> {
  const row = await tx.db
    .selectFrom('processes')
    .selectAll()
    .where('namespace', '=', deps.namespace)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && (await restoreInstance(deps, tx, row))
}

async function keepAnnouncements(
  deps: SpineDeps,
  tx: Transaction,
  settled: readonly SettledBroadcast[],
): Promise<void> {
  const { namespace, flows } = deps
  const now = nowOf(deps)
  for (const { header, data, position: place } of settled) {
    if (header.topics.length !== 1 || header.topics[0] !== FLOWS_TOPIC) continue
    const { author, id: message } = header
    const position = positionText(place)
    const values = data.map(({ value }) => value)
    if (header.tag === processTags.definition) {
      const definition = readDefinition(values)
      if (definition)
        await flows.keep(tx, { definition, author, message, group: null, position }, now)
    }
    const flow = header.tag === processTags.adoption ? readAdoption(values) : undefined
    if (flow === undefined) continue
    const seq = tx.sequence('flowAdoptions', 1)
    const row = { seq, namespace, flow, identity: author, message, position, created: now }
    await tx.insertMany('flowAdoptions', [row], { skipConflicts: true })
  }
}

async function idsOf({ database, namespace }: SpineDeps, states: string[]): Promise<string[]> {
  const rows = await database.read
    .selectFrom('processes')
    .select('id')
    .where('namespace', '=', namespace)
    .where('status', 'in', states)
    .orderBy('seq')
    .execute()
  return rows.map(({ id }) => id)
}

const nowOf = ({ world }: SpineDeps): string => padTime(formatTime(world.now()))
