import { formatTime, padTime } from '@concordat/protocol'
import type { Logger } from '../lib/logger.ts'
import { type Stage, startStage } from '../lib/stage.ts'
import type { World } from '../lib/world.ts'
import type { PayloadStore } from '../storage/storage.ts'
import type { Database, Transaction } from '../store/database.ts'
import type { OutboxRow } from '../store/schema.ts'
import type { Exchange } from './exchange.ts'
import { createLane, type Lane, type LaneDeps, type LaneKind, laneOf } from './outbox-lane.ts'
import { createSender } from './outbox-sender.ts'
import { createSettler, type Settled } from './outbox-settler.ts'

/** How often the table is looked through for recipients that no one told us of. */
const RESCAN_MS = 10 * 60_000
const KINDS: readonly LaneKind[] = ['ordered', 'payload']

export interface OutboxDeps extends Settled {
  readonly database: Database
  readonly exchange: Exchange
  readonly world: World
  readonly log: Logger
  readonly payloads: PayloadStore
  /** Our node's id (`peerId/nodeName`) in a namespace, by its local name. */
  readonly sender: (namespace: string) => string
  /** The network's name of a namespace, by its local name. */
  readonly networkName: (namespace: string) => string
}

export interface OutboxOptions {
  /** Recipients that are sent to at the same time. */
  readonly parallel: number
}

export type NewOutboxRow = Pick<OutboxRow, 'namespace' | 'id' | 'recipient' | 'ref'> & {
  readonly kind: 'message' | 'blob' | 'payload'
}

/**
 * What must reach others, kept until it did. Each recipient has two lanes: messages and blobs go one after another, in
 * the order they were put in; payloads each in their own time. A lane:
 *
 *   idle ──start──▶ queued ──slot free──▶ running ──all sent──▶ idle
 *                     ▲                      │
 *                     └──time up, nudged── waiting ◀──failed, 250 ms doubling to 5 min
 */
export interface Outbox {
  readonly stage: Stage
  /** Sends from now on: when those on whose behalf it does are there. */
  open(): void
  /** Puts rows in the caller's transaction; they are sent after its commit. */
  enqueue(tx: Transaction, rows: readonly NewOutboxRow[]): Promise<void>
  /** Says that this recipient is there: what waits for it goes out now. */
  nudge(recipient: string): void
  /** Says that this recipient called: however long it was silent, what waits for it goes out soon. Cheap enough for every call. */
  heard(recipient: string): void
}

export function createOutbox(deps: OutboxDeps, options: OutboxOptions = { parallel: 32 }): Outbox {
  const { database, world, log } = deps
  const stop = new AbortController()
  const lanes = new Map<string, Lane>()
  const settler = createSettler(database, deps)
  const turns = createTurns(options.parallel, stop.signal)
  const send = createSender(deps)
  const laneDeps: LaneDeps = {
    database,
    world,
    log,
    settler,
    send,
    stopped: stop.signal,
    queue: turns.queue,
  }
  let isOpen = false
  const start = (recipient: string, kind: string): void => {
    // All that waits is looked through when it opens.
    if (!isOpen) return
    const key = keyOf(recipient, laneOf(kind))
    const lane = lanes.get(key) ?? createLane(recipient, laneOf(kind), laneDeps)
    lanes.set(key, lane)
    lane.start()
  }

  const stage = startStage({
    name: 'outbox',
    world,
    idleMs: RESCAN_MS,
    onError: (error) => log.error({ error }, 'The outbox could not be read'),
    async step() {
      if (!isOpen) return false
      const table = database.read.selectFrom('outbox')
      const found = await table.select(['recipient', 'kind']).distinct().execute()
      for (const { recipient, kind } of found) start(recipient, kind)
      return false
    },
  })

  return {
    stage: {
      name: stage.name,
      nudge: () => stage.nudge(),
      async [Symbol.asyncDispose]() {
        stop.abort()
        await stage[Symbol.asyncDispose]()
        await turns.ended()
        await settler.settled()
      },
    },
    open() {
      isOpen = true
      stage.nudge()
    },
    async enqueue(tx, rows) {
      await insert(tx, rows, world.now())
      tx.onCommit(() => {
        for (const { recipient, kind } of rows) start(recipient, kind)
      })
    },
    nudge(recipient) {
      for (const lane of lanes.values()) if (lane.recipient === recipient) lane.nudge()
    },
    heard(recipient) {
      for (const kind of KINDS) lanes.get(keyOf(recipient, kind))?.heard()
    },
  }
}

const keyOf = (recipient: string, kind: LaneKind): string => `${kind} ${recipient}`

async function insert(tx: Transaction, rows: readonly NewOutboxRow[], now: number): Promise<void> {
  if (rows.length === 0) return
  const first = tx.sequence('outbox', rows.length)
  const created = padTime(formatTime(now))
  const full = rows.map(({ namespace, id, recipient, kind, ref }, index) => {
    return { seq: first + index, namespace, id, recipient, kind, ref, attempts: 0, due: 0, created }
  })
  await tx.insertMany('outbox', full)
}

/** Gives lanes their turns, in the order they asked, `parallel` at a time. */
function createTurns(
  parallel: number,
  stopped: AbortSignal,
): { queue(lane: Lane): void; ended(): Promise<void> } {
  const waiting: Lane[] = []
  const working = new Set<Promise<void>>()
  const pump = (): void => {
    while (working.size < parallel && !stopped.aborted) {
      const lane = waiting.shift()
      if (!lane) return
      const work = lane.turn(stopped).finally(() => {
        working.delete(work)
        pump()
      })
      working.add(work)
    }
  }
  return {
    queue(lane) {
      waiting.push(lane)
      pump()
    },
    async ended() {
      await Promise.all(working)
    },
  }
}
