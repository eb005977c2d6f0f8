import { formatTime, NodeError, padTime } from '@concordat/protocol'
import type { Logger } from '../../lib/logger.ts'
import { type Stage, startStage } from '../../lib/stage.ts'
import type { World } from '../../lib/world.ts'
import type { Database } from '../../store/database.ts'
import type { ProcessWorkRow } from '../../store/process-schema.ts'
import type { AgreedClock } from '../agreed-clock.ts'
import type { Spine } from '../spine.ts'
import type { Progress, WorkHandler } from './work.ts'

export interface WorkStageDeps {
  readonly namespace: string
  readonly database: Database
  readonly world: World
  readonly log: Logger
  readonly clock: AgreedClock
  readonly spine: Pick<Spine, 'find'>
  readonly handlers: readonly WorkHandler[]
}

const LOOK_MS = 1000
const PAGE = 100
const LONGEST_REST_SECONDS = 300
const UNDER_WAY = ['open', 'begun', 'reporting']

export interface WorkStage extends Stage {
  /** Says that something happened: what is under way may have ended. */
  hear(): void
}

/** Does what `process_work` says, each row on its own: one that can't get on holds up no other. */
export function startWork(deps: WorkStageDeps): WorkStage {
  const { world, log } = deps
  let isWatching = false
  const stage = startStage({
    name: 'process-work',
    idleMs: LOOK_MS,
    world,
    onError: (err) => log.error({ err }, 'the work for processes can not be looked at'),
    async step(signal) {
      isWatching = true
      isWatching = await workOff(deps, signal)
      return false
    },
  })
  return {
    ...stage,
    hear() {
      if (isWatching) stage.nudge()
    },
  }
}

/** Resolves whether something is under way. */
async function workOff(deps: WorkStageDeps, signal: AbortSignal): Promise<boolean> {
  if (!(await hasWork(deps))) return false
  const now = await deps.clock.now()
  let after = 0
  let isUnderWay = false
  for (;;) {
    const page = await dueAfter(deps, after, now)
    const made = await Promise.all(page.map((row) => workOn(deps, row, now)))
    isUnderWay ||= made.some(({ again }) => again === 'soon')
    after = page.at(-1)?.seq ?? 0
    if (page.length < PAGE || signal.aborted) return isUnderWay
  }
}

async function hasWork({ database, namespace }: WorkStageDeps): Promise<boolean> {
  const row = await database.read
    .selectFrom('processWork')
    .select('seq')
    .where('namespace', '=', namespace)
    .where('state', 'in', UNDER_WAY)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

async function dueAfter(
  { database, namespace }: WorkStageDeps,
  seq: number,
  now: number,
): Promise<ProcessWorkRow[]> {
  return await database.read
    .selectFrom('processWork')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('state', 'in', UNDER_WAY)
    .where('due', '<=', now)
    .where('seq', '>', seq)
    .orderBy('seq')
    .limit(PAGE)
    .execute()
}

async function workOn(deps: WorkStageDeps, row: ProcessWorkRow, now: number): Promise<Progress> {
  const { process: id, kind, key } = row
  let progress: Progress
  try {
    progress = await progressOf(deps, row)
  } catch (err) {
    deps.log.warn({ err, process: id, kind, key }, 'work for a process did not get on')
    const reason = err instanceof NodeError ? err.message : 'an error of this node: see its log'
    progress = { state: toState(row.state), again: 'later', reason }
  }
  if (hasNews(row, progress)) await save(deps, row, progress, now)
  return progress
}

async function progressOf(deps: WorkStageDeps, row: ProcessWorkRow): Promise<Progress> {
  const handler = deps.handlers.find(({ kind }) => kind === row.kind)
  const instance = await deps.spine.find(row.process)
  if (!handler || !instance?.state)
    return { state: toState(row.state), again: 'later', reason: 'nothing here can do it' }
  return await handler.work({ row, process: instance.row, state: instance.state })
}

const toState = (state: string): Progress['state'] =>
  state === 'begun' || state === 'reporting' ? state : 'open'

const hasNews = (row: ProcessWorkRow, { state, again, reason, intents }: Progress): boolean =>
  state !== row.state ||
  again === 'later' ||
  (reason ?? null) !== row.reason ||
  (intents ?? row.intents) !== row.intents

async function save(
  { database, world }: WorkStageDeps,
  row: ProcessWorkRow,
  { state, again, reason, reference, intents }: Progress,
  now: number,
): Promise<void> {
  const tries = again === 'later' ? row.tries + 1 : 0
  const rest = tries === 0 ? 0 : Math.min(2 ** Math.min(tries - 1, 20), LONGEST_REST_SECONDS)
  await database.transaction(async ({ db }) => {
    await db
      .updateTable('processWork')
      .set({
        state,
        tries,
        due: rest === 0 ? row.due : now + rest,
        intents: intents ?? (state === row.state ? row.intents : 0),
        reference: reference ?? row.reference,
        reason: reason ?? null,
        updated: padTime(formatTime(world.now())),
      })
      .where('seq', '=', row.seq)
      .execute()
  })
}
