import { NodeError } from '@concordat/protocol'
import type { Logger } from '../lib/logger.ts'
import type { World } from '../lib/world.ts'
import type { Database } from '../store/database.ts'
import type { OutboxRow } from '../store/schema.ts'
import type { Verdict } from './exchange.ts'
import type { Settler } from './outbox-settler.ts'

const PAGE = 100
const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 5 * 60_000

export type LaneKind = 'ordered' | 'payload'

export interface LaneDeps {
  readonly database: Database
  readonly world: Pick<World, 'now' | 'sleep'>
  readonly log: Logger
  readonly settler: Settler
  readonly send: (row: OutboxRow, signal: AbortSignal) => Promise<Verdict>
  readonly stopped: AbortSignal
  /** Asks for a turn. */
  readonly queue: (lane: Lane) => void
}

export interface Lane {
  readonly recipient: string
  /** There is something to send. Does not shorten a pause. */
  start(): void
  /** The recipient is there: ends a pause. */
  nudge(): void
  /** The recipient called us: a long pause becomes a short one. */
  heard(): void
  /** Sends up to one page. Never rejects. */
  turn(signal: AbortSignal): Promise<void>
}

export const laneOf = (kind: string): LaneKind => (kind === 'payload' ? 'payload' : 'ordered')

export const pauseAfter = (failures: number): number =>
  Math.min(FIRST_PAUSE_MS * 2 ** Math.min(failures, 20), LONGEST_PAUSE_MS)

/**
 * A recipient that is there takes a payload as soon as it has read its pin, and believes others after a few seconds that
 * nobody holds it. So it is not kept waiting, unless it does not read the chain for minutes.
 */
const pauseUntilRead = (attempts: number): number =>
  attempts < PATIENT_ATTEMPTS ? Math.min(pauseAfter(attempts), READ_PAUSE_MS) : pauseAfter(attempts)

const READ_PAUSE_MS = 2_000
const PATIENT_ATTEMPTS = 200

type State =
  | { readonly name: 'idle' | 'queued' }
  | { readonly name: 'running'; readonly again: boolean }
  /** `held`: by the recipient's silence, so that more to send changes nothing. */
  | {
      readonly name: 'waiting'
      readonly wake: AbortController
      readonly held: boolean
      /** Milliseconds since 1970. */
      readonly since: number
      readonly until: number
    }

/** What a turn found: more to do now, nothing, or something at a later time. */
type Outcome =
  | { readonly next: 'more' | 'idle' }
  | { readonly next: 'wait'; readonly ms: number; readonly held: boolean }

export function createLane(recipient: string, kind: LaneKind, deps: LaneDeps): Lane {
  const { world, log, queue, stopped } = deps
  let state: State = { name: 'idle' }
  let failures = 0

  const enter = (): void => {
    state = { name: 'queued' }
    queue(lane)
  }
  const wait = (ms: number, held: boolean, since = world.now()): void => {
    const wake = new AbortController()
    state = { name: 'waiting', wake, held, since, until: world.now() + ms }
    const end = (): void => {
      if (!stopped.aborted && state.name === 'waiting' && state.wake === wake) enter()
    }
    void world.sleep(ms, AbortSignal.any([stopped, wake.signal])).then(end, end)
  }

  const lane: Lane = {
    recipient,
    start() {
      if (state.name === 'running') state = { name: 'running', again: true }
      else if (state.name === 'idle') enter()
      else if (state.name === 'waiting' && !state.held) state.wake.abort()
    },
    nudge() {
      failures = 0
      if (state.name === 'waiting') state.wake.abort()
      else lane.start()
    },
    heard() {
      if (state.name !== 'waiting' || !state.held) return
      const { wake, since, until } = state
      const soon = since + FIRST_PAUSE_MS
      if (until <= soon) return
      failures = 0
      wait(Math.max(0, soon - world.now()), true, since)
      wake.abort()
    },
    async turn(signal) {
      state = { name: 'running', again: false }
      const attempt = kind === 'ordered' ? sendOrdered : sendPayloads
      const outcome = await attempt(recipient, deps, failures, signal).catch((error: unknown) => {
        if (!signal.aborted) log.error({ error, recipient }, 'The outbox could not send')
        return failed(failures)
      })
      if (signal.aborted) return
      failures = outcome.failures
      if (outcome.next === 'wait')
        wait(isAgain(state) && !outcome.held ? 0 : outcome.ms, outcome.held)
      else if (outcome.next === 'more' || isAgain(state)) enter()
      else state = { name: 'idle' }
    },
  }
  return lane
}

/** Read afresh: `start` may have been called during a turn. */
const isAgain = (state: State): boolean => state.name === 'running' && state.again

type Turn = Outcome & { readonly failures: number }

const failed = (failures: number): Turn => ({
  next: 'wait',
  held: true,
  ms: pauseAfter(failures),
  failures: failures + 1,
})

/** One after another; the first that can't go now stops those behind it. */
async function sendOrdered(
  recipient: string,
  deps: LaneDeps,
  failures: number,
  signal: AbortSignal,
): Promise<Turn> {
  const { database, world, settler } = deps
  const rows = await database.read
    .selectFrom('outbox')
    .selectAll()
    .where('recipient', '=', recipient)
    .where('kind', 'in', ['message', 'blob'])
    .orderBy('seq')
    .limit(PAGE)
    .execute()
  let count = failures
  const settled: Promise<void>[] = []
  for (const row of rows) {
    const result = await attempt(row, deps, signal)
    if (result === 'later' || result === 'down') {
      settled.push(settler.postpone(row, world.now() + pauseAfter(count)))
      await Promise.all(settled)
      return failed(count)
    }
    count = 0
    settled.push(result === 'delivered' ? settler.delivered(row) : settler.failed(row, result))
  }
  await Promise.all(settled)
  return { next: rows.length === PAGE ? 'more' : 'idle', failures: 0 }
}

/** A payload that the recipient can't take yet waits alone; only silence holds up the others. */
async function sendPayloads(
  recipient: string,
  deps: LaneDeps,
  failures: number,
  signal: AbortSignal,
): Promise<Turn> {
  const { world, settler } = deps
  const now = world.now()
  // After a pause the recipient may be back: then rows that failed with it are due at once.
  const rows = await duePayloads(recipient, deps, failures > 0 ? Number.MAX_SAFE_INTEGER : now)
  const settled: Promise<void>[] = []
  for (const row of rows) {
    const result = await attempt(row, deps, signal)
    if (result === 'down') {
      settled.push(settler.postpone(row, now + pauseAfter(failures)))
      await Promise.all(settled)
      return failed(failures)
    }
    if (result === 'later') settled.push(settler.postpone(row, now + pauseUntilRead(row.attempts)))
    else settled.push(result === 'delivered' ? settler.delivered(row) : settler.failed(row, result))
  }
  await Promise.all(settled)
  if (rows.length === PAGE) return { next: 'more', failures: 0 }
  return { ...(await untilDue(recipient, deps)), failures: 0 }
}

function duePayloads(recipient: string, { database }: LaneDeps, due: number): Promise<OutboxRow[]> {
  return database.read
    .selectFrom('outbox')
    .selectAll()
    .where('recipient', '=', recipient)
    .where('kind', '=', 'payload')
    .where('due', '<=', due)
    .orderBy('seq')
    .limit(PAGE)
    .execute()
}

async function untilDue(recipient: string, { database, world }: LaneDeps): Promise<Outcome> {
  const first = await database.read
    .selectFrom('outbox')
    .select(({ fn }) => fn.min('due').as('due'))
    .where('recipient', '=', recipient)
    .where('kind', '=', 'payload')
    .executeTakeFirst()
  const due = first?.due
  if (due === null || due === undefined) return { next: 'idle' }
  return { next: 'wait', held: false, ms: Math.max(Number(due) - world.now(), 0) }
}

async function attempt(
  row: OutboxRow,
  { send, log }: LaneDeps,
  signal: AbortSignal,
): Promise<'delivered' | 'later' | 'down' | NodeError> {
  try {
    const verdict = await send(row, signal)
    if (verdict === 'accepted') return 'delivered'
    if (verdict === 'later') return 'later'
    return new NodeError('CC20202', { peer: row.recipient, reason: 'it does not take this' })
  } catch (error) {
    if (signal.aborted) throw error
    if (error instanceof NodeError && !error.retryable) return error
    const { recipient, kind, id, attempts } = row
    log.debug({ error, recipient, kind, id, attempts }, 'A recipient could not be reached')
    return 'down'
  }
}
