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
  type SettledMessage,
  type SettledPin,
  type SettledPinHook,
} from '../aggregator/settled-pin.ts'
import { type Stage, startStage } from '../lib/stage.ts'
import type { World } from '../lib/world.ts'
import type { Database, Transaction } from '../store/database.ts'
import type { ProcessEventRow, ProcessRow } from '../store/process-schema.ts'
import type { AwaitedDecisions } from './awaited-decisions.ts'
import { FLOWS_TOPIC } from './creation.ts'
import type { Announced } from './flows.ts'
import { type FoldingDeps, foldEvents } from './folding.ts'
import type { Instance } from './instance.ts'
import { type InstanceName, localId } from './local-id.ts'
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
  readonly awaited: AwaitedDecisions
  /** An instance as of its last decision; undefined if there is none. */
  find(id: string): Promise<Instance | undefined>
}

/** How often instances are looked at that wait for what was pinned before their creation. */
const LOOK_MS = 500
const PAGE = 500
/** After these, whoever else has work in this process has a turn: the transaction stays open. */
const INSTANCES_PER_TURN = 16

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
    awaited: deps.awaited,
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
  await keepPrivateDefinitions(deps, tx, settled, now)
  // Of two instances that share a UUID, the second finds the first in place.
  for (const spines of bySpine(settled)) {
    const folds: { instance: Instance | undefined; rows: ProcessEventRow[] }[] = []
    for (const { name, pins } of spines) {
      const [id, instance] = await identify(deps, tx, name)
      const rows = pins.map((pin) => toEventRow(tx, deps.namespace, id, pin, now))
      folds.push({ instance, rows })
    }
    await tx.insertMany(
      'processEvents',
      folds.flatMap(({ rows }) => rows),
    )
    for (const [i, { instance, rows }] of folds.entries()) {
      if (i % INSTANCES_PER_TURN === INSTANCES_PER_TURN - 1) await deps.world.yield()
      if (!instance || isMoving(instance.row)) await foldEvents(deps, tx, instance, rows, now)
    }
  }
}

/** Definitions that were told to one group alone. */
async function keepPrivateDefinitions(
  deps: SpineDeps,
  tx: Transaction,
  settled: readonly SettledPin[],
  now: string,
): Promise<void> {
  for (const { topic, outcome, author, group, position } of settled)
    if (topic === FLOWS_TOPIC && outcome.kind === 'message')
      await keepDefinition(deps, tx, { ...outcome, author, group, position }, now)
}

type Told = Pick<SettledMessage, 'header' | 'data'> &
  Pick<SettledPin, 'position'> &
  Pick<Announced, 'author' | 'group'>

/** The definition that a message tells, if it tells one. */
async function keepDefinition(
  { flows }: SpineDeps,
  tx: Transaction,
  { header, data, author, group, position }: Told,
  now: string,
): Promise<void> {
  const isTold = header.tag === processTags.definition
  const definition = isTold ? readDefinition(data.map(({ value }) => value)) : undefined
  if (!definition) return
  const told = { definition, author, message: header.id, group, position: positionText(position) }
  await flows.keep(tx, told, now)
}

interface SpinePins {
  readonly name: InstanceName
  readonly pins: SettledPin[]
}

/** Pins by instance, each in its order; no two of one list have the same UUID. */
function bySpine(settled: readonly SettledPin[]): SpinePins[][] {
  const byUuid = new Map<string, SpinePins[]>()
  for (const pin of settled) {
    const { topic, group } = pin
    const instance = instanceOfTopic(topic)
    if (instance === undefined) continue
    const spines = byUuid.get(instance)
    const spine = spines?.find(({ name }) => name.group === group)
    if (spine) spine.pins.push(pin)
    else if (spines) spines.push({ name: { instance, group }, pins: [pin] })
    else byUuid.set(instance, [{ name: { instance, group }, pins: [pin] }])
  }
  const lists: SpinePins[][] = []
  for (const spines of byUuid.values())
    for (const [i, spine] of spines.entries()) {
      lists[i] ??= []
      lists[i].push(spine)
    }
  return lists
}

/** An instance's id here, and the instance as the transaction sees it. */
async function identify(
  deps: SpineDeps,
  tx: Transaction,
  name: InstanceName,
): Promise<readonly [string, Instance | undefined]> {
  const known = deps.instances.get(name.instance, tx)
  if (known?.row.groupHash === name.group) return [name.instance, known]
  const id = await localId(tx, deps.namespace, name)
  return [id, deps.instances.get(id, tx) ?? (await load(deps, tx, id))]
}

/** Whether there is nothing older to be folded first. */
const isMoving = ({ status }: ProcessRow): boolean =>
  status !== 'waiting' && status !== 'parked' && status !== 'halted'

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
  const { namespace } = deps
  const now = nowOf(deps)
  for (const { header, data, position: place } of settled) {
    if (header.topics.length !== 1 || header.topics[0] !== FLOWS_TOPIC) continue
    const { author, id: message } = header
    await keepDefinition(deps, tx, { header, data, author, group: null, position: place }, now)
    const isAdoption = header.tag === processTags.adoption
    const flow = isAdoption ? readAdoption(data.map(({ value }) => value)) : undefined
    if (flow === undefined) continue
    const seq = tx.sequence('flowAdoptions', 1)
    const position = positionText(place)
    const row = { seq, namespace, flow, identity: author, message, position, created: now }
    await tx.insertMany('flowAdoptions', [row], { skipConflicts: true })
  }
}

/** In their order. There are few: they are sorted here, so that the index is that of the status. */
async function idsOf({ database, namespace }: SpineDeps, states: string[]): Promise<string[]> {
  const rows = await database.read
    .selectFrom('processes')
    .select(['id', 'seq'])
    .where('namespace', '=', namespace)
    .where('status', 'in', states)
    .execute()
  return rows.toSorted((a, b) => a.seq - b.seq).map(({ id }) => id)
}

const nowOf = ({ world }: SpineDeps): string => padTime(formatTime(world.now()))
