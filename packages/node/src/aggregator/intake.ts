import {
  type BatchPayload,
  formatTime,
  manifestOf,
  NodeError,
  padTime,
  parseBatchPayload,
  verifyBatch,
} from '@concordat/protocol'
import { type RawBuilder, sql } from 'kysely'
import type { Logger } from '../lib/logger.ts'
import { type Stage, startStage } from '../lib/stage.ts'
import { createTimer } from '../lib/timer.ts'
import type { World } from '../lib/world.ts'
import type { PayloadStore, SharedStorage } from '../storage/storage.ts'
import type { Database, Transaction } from '../store/database.ts'
import type { PinRow } from '../store/schema.ts'
import type { Aggregator } from './aggregator.ts'
import { type BatchCache, loadSlots, toLoadedBatch, WIRE_LIMITS } from './loaded-batch.ts'
import { invalidBatchRow, persistBatch } from './persist.ts'

export interface IntakeDeps {
  readonly namespace: string
  readonly networkName: string
  readonly world: World
  readonly log: Logger
  readonly database: Database
  readonly storage: SharedStorage
  readonly payloads: PayloadStore
  readonly batches: BatchCache
  readonly aggregator: Pick<Aggregator, 'touch' | 'setAbsent'>
  /** Data that refers to blobs in shared storage: they are fetched too. */
  readonly wantBlobs: (batch: BatchPayload) => void
}

export interface Intake extends Stage {
  /** Broadcast pins were read from the chain: their batches are wanted. */
  pins(pins: readonly PinRow[]): void
  /** A payload arrived by itself. */
  payloadArrived(ref: string): void
  /** Asks every holder again, now. */
  ask(batchId: string): void
  wanted(): readonly Want[]
}

export interface Want {
  readonly ref: string
  readonly pin: PinRow
  readonly contexts: Set<string>
  attempts: number
  /** Milliseconds since 1970: not before. */
  due: number
  /** How often the payload was said to be here. */
  arrivals: number
  failure?: string
}

type Taken = 'here' | 'missing' | 'failed'

/** How long the sender's own push may take before anyone is asked. */
const GRACE_MS = 300
const MAX_DELAY_MS = 60_000
const PAGE = 16

const delayAfter = (attempts: number): number =>
  Math.min(MAX_DELAY_MS, 500 * 2 ** Math.min(attempts, 8))

/** Gets the payload of every broadcast batch that is pinned: by itself from its author, or asked for. Then it is written, once. */
export function startIntake(deps: IntakeDeps): Intake {
  const wants = new Wants(deps)
  const timer = createTimer(deps.world, () => stage.nudge())

  const stage = startStage({
    name: `intake ${deps.namespace}`,
    idleMs: 30_000,
    world: deps.world,
    onError: (error) =>
      deps.log.error({ err: error }, 'taking in broadcast payloads failed; it is tried again'),
    step: async (signal) => {
      await wants.work(signal)
      timer.at(wants.nextDue)
      return wants.nextDue <= deps.world.now()
    },
  })

  return {
    ...stage,
    pins(pins) {
      for (const pin of pins) {
        if (deps.batches.has(pin)) deps.aggregator.touch('broadcast', pin.hash)
        else wants.add(pin)
      }
      if (wants.all.length > 0) stage.nudge()
    },
    payloadArrived(ref) {
      for (const wanted of wants.all)
        if (wanted.ref === ref) Object.assign(wanted, { due: 0, arrivals: wanted.arrivals + 1 })
      stage.nudge()
    },
    ask(batchId) {
      for (const wanted of wants.all) {
        if (wanted.pin.batch === batchId)
          Object.assign(wanted, { due: 0, attempts: Math.max(1, wanted.attempts) })
      }
      stage.nudge()
    },
    wanted: () => wants.all,
    async [Symbol.asyncDispose]() {
      timer.stop()
      await stage[Symbol.asyncDispose]()
    },
  }
}

/** The batches that are pinned and not here, by what tells them apart. */
class Wants {
  readonly #deps: IntakeDeps
  readonly #wants = new Map<string, Want>()
  #scanned = false

  constructor(deps: IntakeDeps) {
    this.#deps = deps
  }

  get all(): readonly Want[] {
    return [...this.#wants.values()]
  }

  /** When the next is to be looked for: milliseconds since 1970, infinite when nothing is wanted. */
  get nextDue(): number {
    return Math.min(...this.all.map(({ due }) => due))
  }

  add(pin: PinRow): void {
    const key = `${pin.payloadRef}${pin.batchHash}${pin.batch}`
    const found = this.#wants.get(key)
    if (found) found.contexts.add(pin.hash)
    else {
      const contexts = new Set([pin.hash])
      this.#wants.set(key, { ref: pin.payloadRef, pin, contexts, attempts: 0, due: 0, arrivals: 0 })
    }
  }

  /** Looks for a page of what is due: here first, then at other members. */
  async work(signal: AbortSignal): Promise<void> {
    if (!this.#scanned) await this.#scan()
    const now = this.#deps.world.now()
    const due = [...this.#wants].filter(([, wanted]) => wanted.due <= now).slice(0, PAGE)
    const before = new Map(due.map(([, wanted]) => [wanted, wanted.arrivals]))
    const missing = await this.#takeLocal(due)
    const fresh = missing.filter(({ attempts, due: at }) => attempts === 0 && at === 0)
    for (const wanted of fresh) {
      this.#putOff(wanted, GRACE_MS, before.get(wanted) ?? 0)
      this.#touch(wanted)
    }
    const asked = missing.filter((wanted) => !fresh.includes(wanted))
    await Promise.all(asked.map((wanted) => this.#fetch(wanted, signal)))
  }

  async #scan(): Promise<void> {
    const waiting = await this.#unread(sql.lit(0))
    const aside = await this.#unread(sql.lit(2))
    for (const pin of [...waiting, ...aside]) this.add(pin)
    this.#scanned = true
  }

  /** Pins of broadcasts in one state (each has an index of its own) whose payload has not been taken in. */
  #unread(dispatched: RawBuilder<number>): Promise<PinRow[]> {
    const { database, namespace } = this.#deps
    return database.read
      .selectFrom('pins')
      .leftJoin('batches', (join) =>
        join
          .onRef('batches.hash', '=', 'pins.batchHash')
          .onRef('batches.payloadRef', '=', 'pins.payloadRef')
          .onRef('batches.namespace', '=', 'pins.namespace'),
      )
      .selectAll('pins')
      .where('pins.namespace', '=', namespace)
      .where('pins.masked', '=', 0)
      .where('pins.dispatched', '=', dispatched)
      .where('batches.seq', 'is', null)
      .execute()
  }

  /** Takes in what is here already; resolves what is not. */
  async #takeLocal(due: readonly (readonly [string, Want])[]): Promise<Want[]> {
    const taken = await this.#take(due.map(([, wanted]) => wanted))
    for (const [i, [key, wanted]] of due.entries()) {
      if (taken[i] !== 'here') continue
      this.#wants.delete(key)
      this.#deps.aggregator.setAbsent(wanted.ref, false)
      this.#touch(wanted)
    }
    return due.filter((_, i) => taken[i] === 'missing').map(([, wanted]) => wanted)
  }

  /** All in one transaction; when that fails, each alone, so that one that can't be taken in holds up no other. */
  async #take(wants: readonly Want[]): Promise<Taken[]> {
    const [only] = wants
    if (!only) return []
    try {
      return await this.#deps.database.transaction(async (tx) => {
        const found: Taken[] = []
        for (const wanted of wants)
          found.push((await takeOne(this.#deps, tx, wanted)) ? 'here' : 'missing')
        return found
      })
    } catch (error) {
      if (wants.length > 1) return await this.#takeEach(wants)
      this.#deps.log.error(
        { err: error, batch: only.pin.batch },
        'a payload could not be taken in; it is tried again',
      )
      only.attempts += 1
      only.failure = String(error)
      this.#putOff(only, delayAfter(only.attempts), only.arrivals)
      return ['failed']
    }
  }

  async #takeEach(wants: readonly Want[]): Promise<Taken[]> {
    const taken: Taken[] = []
    for (const wanted of wants) taken.push(...(await this.#take([wanted])))
    return taken
  }

  /** Asks the network; each failure is put off a little longer. */
  async #fetch(wanted: Want, signal: AbortSignal): Promise<void> {
    const { storage, payloads, aggregator } = this.#deps
    const { arrivals } = wanted
    const at = this.#deps.world.now()
    wanted.attempts += 1
    const fetched = await storage
      .fetch(wanted.ref, WIRE_LIMITS.maxBytes, signal)
      .catch((error: unknown) => ({
        state: 'unreachable' as const,
        reason: error instanceof Error ? error.message : String(error),
      }))
    if (fetched.state === 'found') {
      await payloads.put(wanted.ref, fetched.content)
      wanted.due = 0
      return
    }
    this.#putOff(wanted, delayAfter(wanted.attempts), arrivals)
    wanted.failure =
      fetched.state === 'unreachable'
        ? fetched.reason
        : 'every member answered that it does not hold it'
    if (fetched.state === 'unreachable') return
    aggregator.setAbsent(wanted.ref, { kind: fetched.state, at })
    this.#touch(wanted)
  }

  /** Unless the payload came while it was looked for. */
  #putOff(wanted: Want, ms: number, arrivals: number): void {
    if (wanted.arrivals === arrivals) wanted.due = this.#deps.world.now() + ms
  }

  #touch({ contexts }: Want): void {
    for (const context of contexts) this.#deps.aggregator.touch('broadcast', context)
  }
}

async function takeOne(deps: IntakeDeps, tx: Transaction, wanted: Want): Promise<boolean> {
  if (!(await isKnown(tx, deps.namespace, wanted.pin))) {
    const content = await deps.payloads.get(wanted.ref, tx)
    if (!content) return false
    await write(deps, tx, wanted.pin, content)
  }
  await takeUpAgain(tx, deps.namespace, wanted.pin)
  return true
}

/** Pins that were set aside. Those of another's copy, with another id, are wanted by themselves. */
async function takeUpAgain({ db }: Transaction, namespace: string, pin: PinRow): Promise<void> {
  await db
    .updateTable('pins')
    .set({ dispatched: 0 })
    .where('namespace', '=', namespace)
    .where('batch', '=', pin.batch)
    .where('dispatched', '=', sql.lit(2))
    .execute()
}

async function isKnown({ db }: Transaction, namespace: string, pin: PinRow): Promise<boolean> {
  const row = await db
    .selectFrom('batches')
    .select('seq')
    .where('namespace', '=', namespace)
    .where('hash', '=', pin.batchHash)
    .where('payloadRef', '=', pin.payloadRef)
    .executeTakeFirst()
  return row !== undefined
}

/** Writes the batch; or, when nobody can ever make sense of it, that it is void: every member sees the same bytes. */
async function write(
  deps: IntakeDeps,
  tx: Transaction,
  pin: PinRow,
  content: Uint8Array,
): Promise<void> {
  const { namespace } = deps
  const received = padTime(formatTime(deps.world.now()))
  const read = readBatch(deps, pin, content)
  if (typeof read === 'string') {
    deps.log.warn(
      { batch: pin.batch, signer: pin.signer, reason: read },
      'a pinned batch is not valid; its pins are void',
    )
    await tx.insertMany('batches', [invalidBatchRow(tx, namespace, pin, read, received)], {
      skipConflicts: true,
    })
  } else {
    await persistBatch(tx, {
      namespace,
      batch: read,
      payloadRef: pin.payloadRef,
      manifest: manifestOf(read),
      received,
    })
    const slots = await loadSlots(tx, namespace, read)
    tx.onCommit(() => {
      deps.batches.put(pin, toLoadedBatch(read, slots))
      deps.wantBlobs(read)
    })
  }
}

function readBatch(
  { networkName }: IntakeDeps,
  pin: PinRow,
  content: Uint8Array,
): BatchPayload | string {
  try {
    const batch = parseBatchPayload(content, WIRE_LIMITS)
    if (batch.namespace !== networkName) return `it is for network namespace '${batch.namespace}'`
    // Whether its id is the pinned one is asked of each pin: another's copy of a pin may state any.
    if (batch.hash !== pin.batchHash) return 'it is another batch than the pinned one'
    if (batch.type !== 'broadcast') return `it is of type '${batch.type}'`
    return verifyBatch(batch) ?? batch
  } catch (error) {
    if (error instanceof NodeError) return error.message
    throw error
  }
}
