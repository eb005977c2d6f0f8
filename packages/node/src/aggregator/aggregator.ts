import { sql } from 'kysely'
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
import { Settlement } from './settlement.ts'

export type ContextKind = 'broadcast' | 'private'

/** A context that stands still, and since when (milliseconds since 1970). */
export interface Blocked {
  readonly context: string
  readonly kind: ContextKind
  readonly since: number
  readonly block: Block
}

export interface AggregatorDeps extends Omit<BroadcastDeps, 'touch' | 'maxDecisions' | 'isAbsent'> {
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

/** Settles contexts that may have something to decide, in transactions of bounded size. */
export function startAggregator(deps: AggregatorDeps): Aggregator {
  const { database, namespace, world } = deps
  const dirty = new Map<string, ContextKind>()
  const blocks = new Map<string, Blocked>()
  const absent = new Set<string>()
  let masked: string[] = []
  const signers: string[] = []
  let scanned = false
  /** After a failure contexts are settled one at a time, so that one that can't be does not hold up the others. */
  let alone = 0

  const touch = (kind: ContextKind, context: string): void => {
    dirty.set(context, kind)
    stage.nudge()
  }

  function retryBlocked(kind?: Block['kind']): void {
    for (const { context, kind: contextKind, block } of blocks.values())
      if (kind === undefined || block.kind === kind) dirty.set(context, contextKind)
    stage.nudge()
  }

  /** What a newly registered key pinned before may now be judged. */
  async function resolveSigners(): Promise<void> {
    const keys = signers.splice(0)
    const rows = await database.read
      .selectFrom('pins')
      .select('hash')
      .distinct()
      .where('namespace', '=', namespace)
      .where('dispatched', '=', sql.lit(0))
      .where('masked', '=', 0)
      .where('signer', 'in', keys)
      .execute()
    for (const { hash } of rows) dirty.set(hash, 'broadcast')
  }

  /** After a start, everything open is looked at once. */
  async function scan(): Promise<void> {
    const topics = await database.read
      .selectFrom('pins')
      .select('hash')
      .distinct()
      .where('namespace', '=', namespace)
      .where('dispatched', '=', sql.lit(0))
      .where('masked', '=', 0)
      .execute()
    for (const { hash } of topics) dirty.set(hash, 'broadcast')
    const contexts = await database.read
      .selectFrom('pins')
      .innerJoin('nextpins', (join) =>
        join
          .onRef('nextpins.hash', '=', 'pins.hash')
          .onRef('nextpins.namespace', '=', 'pins.namespace'),
      )
      .select('nextpins.context')
      .distinct()
      .where('pins.namespace', '=', namespace)
      .where('pins.masked', '=', 1)
      .where('pins.dispatched', '=', sql.lit(0))
      .execute()
    for (const { context } of contexts) dirty.set(context, 'private')
    scanned = true
  }

  async function resolveMasked(): Promise<void> {
    const hashes = masked.splice(0, 500)
    const rows = await database.read
      .selectFrom('nextpins')
      .select('context')
      .distinct()
      .where('namespace', '=', namespace)
      .where('hash', 'in', hashes)
      .execute()
    for (const { context } of rows) dirty.set(context, 'private')
  }

  async function settle(contexts: readonly (readonly [string, ContextKind])[]): Promise<void> {
    await database.transaction(async (tx) => {
      const settlement = new Settlement(tx, deps)
      const states = new Map<string, ContextState>()
      const common = {
        ...deps,
        maxDecisions: MAX_DECISIONS,
        isAbsent: (pin: PinRow) => absent.has(pin.payloadRef),
      }
      for (const [context, kind] of contexts) {
        const touchKind = (other: string): void => void dirty.set(other, kind)
        const settleContext = kind === 'broadcast' ? settleBroadcast : settlePrivate
        states.set(
          context,
          await settleContext({ ...common, touch: touchKind }, settlement, context),
        )
      }
      await settlement.flush()
      tx.onCommit(() => {
        for (const batch of settlement.batches) deps.batches.release(batch)
        // Before anything else can commit, so that no nudge falls between looking and noting what is waited for.
        record(new Map(contexts), states)
        for (const { context, kind, block } of blocks.values())
          if (block.after?.some((seq) => !settlement.isOpen({ seq }))) dirty.set(context, kind)
      })
    })
  }

  function record(
    kinds: ReadonlyMap<string, ContextKind>,
    states: ReadonlyMap<string, ContextState>,
  ): void {
    for (const [context, state] of states) {
      const kind = kinds.get(context) ?? 'broadcast'
      if (state.kind === 'more') dirty.set(context, kind)
      if (state.kind !== 'blocked') blocks.delete(context)
      else {
        const before = blocks.get(context)
        const since = before?.block.pin.seq === state.block.pin.seq ? before.since : world.now()
        blocks.set(context, { context, kind, since, block: state.block })
      }
    }
  }

  /** What is kept in memory may say more than the database. */
  async function recover(
    work: readonly (readonly [string, ContextKind])[],
    error: unknown,
  ): Promise<never> {
    for (const [context, kind] of work) dirty.set(context, kind)
    alone = Math.max(alone, work.length)
    deps.batches.clear()
    deps.datatypes.forget()
    await deps.directory.reload()
    throw error
  }

  const stage = startStage({
    name: `aggregator ${namespace}`,
    idleMs: 30_000,
    world,
    onError: (error) => deps.log.error({ err: error }, 'settling pins failed; it is tried again'),
    step: async () => {
      if (!scanned) await scan()
      if (masked.length > 0) await resolveMasked()
      if (signers.length > 0) await resolveSigners()
      const work = [...dirty].slice(0, alone > 0 ? 1 : CONTEXTS_PER_STEP)
      if (work.length === 0) return masked.length > 0
      for (const [context] of work) dirty.delete(context)
      alone = Math.max(0, alone - 1)
      await settle(work).catch((error: unknown) => recover(work, error))
      return dirty.size > 0 || masked.length > 0
    },
  })

  return {
    ...stage,
    touch,
    maskedPins(hashes) {
      masked = masked.concat(hashes)
      stage.nudge()
    },
    retryBlocked,
    identityRegistered({ verifier }) {
      retryBlocked()
      signers.push(verifier.value)
      stage.nudge()
    },
    setAbsent(payloadRef, isAbsent) {
      if (isAbsent) absent.add(payloadRef)
      else absent.delete(payloadRef)
    },
    blocked: () => [...blocks.values()],
  }
}
