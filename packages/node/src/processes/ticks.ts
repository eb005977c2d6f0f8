import { instanceTopic, processTags, writeTick } from '@concordat/protocol/process'
import type { Logger } from '../lib/logger.ts'
import { type Stage, startStage } from '../lib/stage.ts'
import type { World } from '../lib/world.ts'
import type { MessageCommands, Wait } from '../namespace.ts'
import type { Database } from '../store/database.ts'
import type { ProcessRow } from '../store/process-schema.ts'
import type { AgreedClock } from './agreed-clock.ts'
import { messageValue } from './message-value.ts'
import type { Spine } from './spine.ts'
import { ownTurn, TURN_SECONDS, turnsAtDeadline } from './turns.ts'

export interface TicksDeps {
  readonly namespace: string
  readonly database: Database
  readonly world: World
  readonly log: Logger
  readonly messages: Pick<MessageCommands, 'sendPrivate'>
  readonly spine: Pick<Spine, 'find'>
  readonly clock: AgreedClock
  /** Whether a DID is a party of this node. */
  readonly isOurs: (did: string) => boolean
}

type Overdue = Pick<ProcessRow, 'seq' | 'id' | 'groupHash'> & { readonly nextDue: number }

const LOOK_MS = 1000
const PAGE = 200
/** Seconds past the due time before anybody looks: the verdict needs a later second than the due one. */
const GRACE_SECONDS = 1
const SETTLED: ReadonlySet<string> = new Set(['confirmed', 'rejected', 'cancelled'])
const NO_WAIT: Wait = { confirm: false, timeoutMs: 0, signal: AbortSignal.abort() }

/**
 * Tells instances to look at the clock once a deadline is past, one party after another as long as it has not fired.
 * Whether it has fired is decided by ledger time alone; a tick too many changes nothing.
 */
export function startTicks(deps: TicksDeps): Stage {
  const { world, log } = deps
  return startStage({
    name: 'ticks',
    idleMs: LOOK_MS,
    world,
    onError: (err) => log.error({ err }, 'deadlines can not be looked after'),
    async step(signal) {
      await lookAtDeadlines(deps, signal)
      return false
    },
  })
}

/** Sends the ticks that are due now from this node. */
export async function lookAtDeadlines(deps: TicksDeps, signal: AbortSignal): Promise<void> {
  if (!(await hasDues(deps))) return
  const now = await deps.clock.now()
  let after = 0
  for (;;) {
    const page = await overdueAfter(deps, after, now - GRACE_SECONDS)
    await Promise.all(page.map((row) => tick(deps, row, now).catch(reporter(deps, row))))
    after = page.at(-1)?.seq ?? 0
    if (page.length < PAGE || signal.aborted) return
  }
}

const reporter =
  ({ log }: TicksDeps, { id: process, nextDue }: Overdue) =>
  (err: unknown): void =>
    log.warn({ err, process, nextDue }, 'a tick could not be sent')

async function hasDues({ database, namespace }: TicksDeps): Promise<boolean> {
  const row = await database.read
    .selectFrom('processes')
    .select('seq')
    .where('namespace', '=', namespace)
    .where('nextDue', 'is not', null)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

async function overdueAfter(
  { database, namespace }: TicksDeps,
  seq: number,
  time: number,
): Promise<Overdue[]> {
  const rows = await database.read
    .selectFrom('processes')
    .select(['seq', 'id', 'groupHash', 'nextDue'])
    .where('namespace', '=', namespace)
    .where('nextDue', 'is not', null)
    .where('nextDue', '<=', time)
    .where('seq', '>', seq)
    .orderBy('seq')
    .limit(PAGE)
    .execute()
  return rows.flatMap(({ nextDue, ...row }) => (nextDue === null ? [] : [{ ...row, nextDue }]))
}

async function tick(deps: TicksDeps, row: Overdue, now: number): Promise<void> {
  const { id, nextDue, groupHash: group } = row
  const attempt = await nextAttempt(deps, row)
  if (attempt === undefined) return
  const state = (await deps.spine.find(id))?.state
  if (!state) return
  const turn = ownTurn(turnsAtDeadline(state), deps.isOurs)
  if (!turn) return
  // A tick may come to a chain whose clock is behind: the next one is given twice the time.
  const wait = TURN_SECONDS * (turn.before + 2 ** attempt - 1)
  if (now < nextDue + GRACE_SECONDS + wait) return
  const header = {
    tag: processTags.tick,
    topics: [instanceTopic(state.frame.instance)],
    group,
    author: turn.did,
  }
  const data = [messageValue(writeTick(state.frame.instance))]
  const idempotencyKey = keyOf(row, attempt)
  await deps.messages.sendPrivate({ header, data, idempotencyKey }, NO_WAIT)
}

const keyOf = ({ id, nextDue }: Overdue, attempt: number): string =>
  `ffp.tick:${id}:${nextDue}${attempt === 0 ? '' : `:${attempt}`}`

/** How many own ticks for this due time were settled; undefined while one is under way. */
async function nextAttempt(
  { database, namespace }: TicksDeps,
  row: Overdue,
): Promise<number | undefined> {
  for (let attempt = 0; ; attempt += 1) {
    const sent = await database.read
      .selectFrom('messages')
      .select('state')
      .where('namespace', '=', namespace)
      .where('idempotencyKey', '=', keyOf(row, attempt))
      .where('idempotencyKey', 'is not', null)
      .executeTakeFirst()
    if (!sent) return attempt
    if (!SETTLED.has(sent.state)) return undefined
  }
}
