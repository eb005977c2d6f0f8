import type { EventLog } from '../events/log.ts'
import type { KnownIdentity } from '../identity/directory.ts'
import type { Logger } from '../lib/logger.ts'
import { type Stage, startStage } from '../lib/stage.ts'
import type { World } from '../lib/world.ts'
import type { Database } from '../store/database.ts'
import type { PinRow } from '../store/schema.ts'
import type { Block } from './block.ts'
import { type BroadcastDeps, type ContextState, settleBroadcast } from './broadcast-context.ts'
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
  extends Omit<BroadcastDeps, 'touch' | 'maxDecisions' | 'isAbsent'>,
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
  /** Every member said it does not hold this payload; false: it turned up. */
  setAbsent(payloadRef: string, absent: boolean): void
  blocked(): readonly Blocked[]
}

const CONTEXTS_PER_STEP = 200
const MAX_DECISIONS = 1000

type Work = readonly (readonly [string, ContextKind])[]

/** Settles contexts that may have something to decide, in transactions of bounded size. */
export function startAggregator(deps: AggregatorDeps): Aggregator {
  const todo = new WorkList(deps.database, deps.namespace)
  const blocks = new Blocks(deps.world)
  const absent = new Set<string>()
  /** After a failure contexts are settled one at a time, so that one that can't be does not hold up the others. */
  let alone = 0

  /** What is kept in memory may say more than the database. */
  async function recover(work: Work, error: unknown): Promise<never> {
    for (const [context, kind] of work) todo.add(kind, context)
    alone = Math.max(alone, work.length)
    deps.batches.clear()
    deps.datatypes.forget()
    await deps.directory.reload()
    throw error
  }

  const stage = startStage({
    name: `aggregator ${deps.namespace}`,
    idleMs: 30_000,
    world: deps.world,
    onError: (error) => deps.log.error({ err: error }, 'settling pins failed; it is tried again'),
    step: async () => {
      await todo.resolve()
      const work = todo.take(alone > 0 ? 1 : CONTEXTS_PER_STEP)
      if (work.length > 0) {
        alone = Math.max(0, alone - 1)
        await settle({ ...deps, todo, blocks, absent }, work).catch((error: unknown) =>
          recover(work, error),
        )
      }
      return todo.hasMore
    },
  })

  const retryBlocked = (kind?: Block['kind']): void => {
    for (const { context, kind: contextKind, block } of blocks.all)
      if (kind === undefined || block.kind === kind) todo.add(contextKind, context)
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
    identityRegistered({ verifier }) {
      todo.addSigner(verifier.value)
      retryBlocked()
    },
    setAbsent(payloadRef, isAbsent) {
      if (isAbsent) absent.add(payloadRef)
      else absent.delete(payloadRef)
    },
    blocked: () => blocks.all,
  }
}

interface SettleDeps extends AggregatorDeps {
  readonly todo: WorkList
  readonly blocks: Blocks
  readonly absent: ReadonlySet<string>
}

async function settle(deps: SettleDeps, work: Work): Promise<void> {
  const { todo, absent } = deps
  const isAbsent = (pin: PinRow): boolean => absent.has(pin.payloadRef)
  await deps.database.transaction(async (tx) => {
    const settlement = new Settlement(tx, deps)
    const states: [string, ContextKind, ContextState][] = []
    for (const [context, kind] of work) {
      const touch = (other: string): void => todo.add(kind, other)
      const settleContext = kind === 'broadcast' ? settleBroadcast : settlePrivate
      const given = { ...deps, maxDecisions: MAX_DECISIONS, isAbsent, touch }
      states.push([context, kind, await settleContext(given, settlement, context)])
    }
    await settlement.flush()
    tx.onCommit(() => conclude(deps, settlement, states))
  })
}

/** Right after the commit, before anything else can commit: so that no nudge falls between looking and noting what is waited for. */
function conclude(
  { todo, blocks, batches }: SettleDeps,
  settlement: Settlement,
  states: readonly (readonly [string, ContextKind, ContextState])[],
): void {
  for (const batch of settlement.batches) batches.release(batch)
  for (const [context, kind, state] of states) {
    if (state.kind === 'more') todo.add(kind, context)
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
