import type { EventLog } from '../events/log.ts'
import type { KnownIdentity } from '../identity/directory.ts'
import type { Logger } from '../lib/logger.ts'
import { type Stage, startStage } from '../lib/stage.ts'
import { createTimer } from '../lib/timer.ts'
import type { World } from '../lib/world.ts'
import type { Database } from '../store/database.ts'
import type { PinRow } from '../store/schema.ts'
import type { Absence } from './absence.ts'
import type { Block } from './block.ts'
import { type BroadcastDeps, type ContextState, settleBroadcast } from './broadcast-context.ts'
import { type Failure, Failures } from './failures.ts'
import { settlePrivate } from './private-context.ts'
import type { SettledPinsDeps } from './settled-pins.ts'
import { Settlement } from './settlement.ts'
import { type ContextKind, WorkList } from './work-list.ts'

/** A context that stands still, and since when (milliseconds since 1970). */
export interface Blocked {
  readonly context: string
  readonly kind: ContextKind
  readonly since: number
  readonly block: Block
}

export interface AggregatorDeps
  extends Omit<BroadcastDeps, 'touch' | 'maxDecisions'>,
    SettledPinsDeps {
  readonly world: World
  readonly log: Logger
  readonly database: Database
  readonly events: EventLog
}

export interface Aggregator extends Stage {
  /** Something a context waits for may be here. */
  touch(kind: ContextKind, context: string): void
  /** Masked pins were read: the contexts on which one of them is next have work. */
  maskedPins(hashes: readonly string[]): void
  /** Looks again at all that stands still, or all that waits for one kind of thing. */
  retryBlocked(kind?: Block['kind']): void
  /** What waited for an identity, or for the order of its claims, may go on. */
  identityRegistered(known: KnownIdentity): void
  /** Every member we know said that it does not hold this payload; false: it turned up. */
  setAbsent(payloadRef: string, absence: Absence | false): void
  blocked(): readonly Blocked[]
}

const DOUBTS: ReadonlySet<Block['kind']> = new Set(['unknown_author', 'waiting_parent'])
const CONTEXTS_PER_STEP = 200
/** After these, whoever else has work in this process has a turn: the transaction stays open. */
const CONTEXTS_PER_TURN = 16
const MAX_DECISIONS = 1000

type Work = readonly (readonly [string, ContextKind])[]

/** Settles contexts that may have something to decide, in transactions of bounded size. */
export function startAggregator(deps: AggregatorDeps): Aggregator {
  const todo = new WorkList(deps.database, deps.namespace)
  const blocks = new Blocks(deps.world)
  const failures = new Failures(deps.world)
  const absent = new Map<string, Absence>()
  const retries = createTimer(deps.world, () => stage.nudge())
  /** After a failure contexts are settled one at a time, to find out which of them it was. */
  let alone = 0

  /** What is kept in memory may say more than the database. */
  async function recover(work: Work, { pin, cause }: Failed): Promise<void> {
    deps.log.error({ err: cause }, 'settling pins failed; it is tried again')
    const [only] = work
    if (only && work.length === 1)
      failures.note({ context: only[0], kind: only[1], pin, error: cause })
    else for (const [context, kind] of work) todo.add(kind, context)
    alone = Math.max(alone, work.length)
    deps.batches.clear()
    deps.datatypes.forget()
    await deps.directory.reload()
  }

  const stage = startStage({
    name: `aggregator ${deps.namespace}`,
    idleMs: 30_000,
    world: deps.world,
    onError: (error) => deps.log.error({ err: error }, 'settling pins failed; it is tried again'),
    step: async () => {
      await todo.resolve()
      const work = takeWork(todo, failures, alone > 0 ? 1 : CONTEXTS_PER_STEP)
      alone = Math.max(0, alone - 1)
      const failed =
        work.length > 0 && (await settle({ ...deps, todo, blocks, failures, absent }, work))
      if (failed) await recover(work, failed)
      retries.at(failures.nextDue)
      return todo.hasMore
    },
  })

  const retryBlocked = (kind?: Block['kind']): void => {
    if (kind === undefined) failures.retry()
    blocks.retry(todo, (each) => kind === undefined || each === kind)
    stage.nudge()
  }
  return {
    ...stage,
    touch(kind, context) {
      todo.add(kind, context)
      stage.nudge()
    },
    maskedPins(hashes) {
      todo.addMasked(hashes)
      stage.nudge()
    },
    retryBlocked,
    identityRegistered: ({ verifier }) => {
      todo.addSigner(verifier.value)
      retryBlocked()
    },
    setAbsent(payloadRef, absence) {
      note(absent, payloadRef, absence)
      // Who had doubts may have none now.
      blocks.retry(todo, (kind) => DOUBTS.has(kind))
      stage.nudge()
    },
    blocked: () => [...blocks.all, ...failures.all.flatMap(toBlocked)],
    async [Symbol.asyncDispose]() {
      retries.stop()
      await stage[Symbol.asyncDispose]()
    },
  }
}

function note<V>(map: Map<string, V>, key: string, value: V | false): void {
  if (value) map.set(key, value)
  else map.delete(key)
}

/** What has failed is left out until it is due; then it is on the list by itself. */
function takeWork(todo: WorkList, failures: Failures, max: number): Work {
  for (const { context, kind } of failures.all)
    if (failures.mayTry(context)) todo.add(kind, context)
  return todo.take(max).filter(([context]) => failures.mayTry(context))
}

/** Without a pin it failed before it came to anything of the context: then the database fails, and all contexts with it. */
function toBlocked({ context, kind, since, pin, error, attempts }: Failure): Blocked[] {
  if (!pin) return []
  const detail = `settling it failed ${attempts === 1 ? 'once' : `${attempts} times`}: ${String(error)}`
  return [{ context, kind, since, block: { kind: 'failed_settling', pin, detail } }]
}

interface SettleDeps extends AggregatorDeps {
  readonly todo: WorkList
  readonly blocks: Blocks
  readonly failures: Failures
  readonly absent: ReadonlyMap<string, Absence>
}

interface Failed {
  readonly pin: PinRow | undefined
  readonly cause: unknown
}

/** Resolves what went wrong, if anything: then nothing of it is settled. */
async function settle(deps: SettleDeps, work: Work): Promise<Failed | undefined> {
  const { todo, absent, failures } = deps
  const absenceOf = ({ payloadRef }: Pick<PinRow, 'payloadRef'>): Absence | undefined =>
    absent.get(payloadRef)
  let settlement: Settlement | undefined
  try {
    await deps.database.transaction(async (tx) => {
      const settling = new Settlement(tx, { ...deps, absenceOf })
      settlement = settling
      const states: [string, ContextKind, ContextState][] = []
      for (const [i, [context, kind]] of work.entries()) {
        if (i % CONTEXTS_PER_TURN === CONTEXTS_PER_TURN - 1) await deps.world.yield()
        const touch = (other: string): void => todo.add(kind, other)
        const settleContext = kind === 'broadcast' ? settleBroadcast : settlePrivate
        // One by one as far as it goes: what comes before a pin that throws is settled.
        const maxDecisions = failures.has(context) ? 1 : MAX_DECISIONS
        const given = { ...deps, maxDecisions, touch }
        states.push([context, kind, await settleContext(given, settling, context)])
      }
      await settling.flush()
      tx.onCommit(() => conclude(deps, settling, states))
    })
    return undefined
  } catch (cause) {
    return { pin: settlement?.looksAt, cause }
  }
}

/** Right after the commit, before anything else can commit: so that no nudge falls between looking and noting what is waited for. */
function conclude(
  { todo, blocks, failures, batches }: SettleDeps,
  settlement: Settlement,
  states: readonly (readonly [string, ContextKind, ContextState])[],
): void {
  for (const batch of settlement.batches) batches.release(batch)
  for (const [context, kind, state] of states) {
    if (state.kind === 'more') todo.add(kind, context)
    else failures.forget(context)
    blocks.note(context, kind, state)
  }
  for (const { context, kind, block } of blocks.all)
    if (block.after?.some((seq) => !settlement.isOpen({ seq }))) todo.add(kind, context)
}

/** The contexts that stand still. */
class Blocks {
  readonly #world: Pick<World, 'now'>
  readonly #blocks = new Map<string, Blocked>()

  constructor(world: Pick<World, 'now'>) {
    this.#world = world
  }

  get all(): readonly Blocked[] {
    return [...this.#blocks.values()]
  }

  retry(todo: WorkList, isMeant: (kind: Block['kind']) => boolean): void {
    for (const { context, kind, block } of this.#blocks.values())
      if (isMeant(block.kind)) todo.add(kind, context)
  }

  note(context: string, kind: ContextKind, state: ContextState): void {
    if (state.kind !== 'blocked') {
      this.#blocks.delete(context)
      return
    }
    const before = this.#blocks.get(context)
    const same = before?.block.pin.seq === state.block.pin.seq
    const since = same ? before.since : this.#world.now()
    this.#blocks.set(context, { context, kind, since, block: state.block })
  }
}
