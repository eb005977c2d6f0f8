import { formatTime, padTime } from '@concordat/protocol'
import type { Logger } from '../../lib/logger.ts'
import { type Stage, startStage } from '../../lib/stage.ts'
import type { World } from '../../lib/world.ts'
import type { ProcessSyncRow } from '../../store/process-schema.ts'
import { type ExportDeps, type ExportedStep, exportSteps } from './export-steps.ts'
import type { LineFormat } from './step-line.ts'
import { textOf } from './step-text.ts'

/** A system outside that is told of accepted steps, now and then. */
export interface Sync {
  /** Unique among a node's syncs. */
  readonly name: string
  /** Name of the definition, or name@version. */
  readonly flow: string
  /** Names of steps; none for all. */
  readonly steps: readonly string[]
  /** URL. */
  readonly push: string
  readonly everyMs: number
  readonly format: LineFormat
  /** `whsec_` and base64; '' for none. */
  readonly secret: string
}

export interface PushRequest {
  readonly url: string
  /** Names what is told: the same when the same is told again. */
  readonly id: string
  readonly type: string
  readonly body: string
  readonly secret: string
  readonly signal: AbortSignal
}

/** Hands a text to a system, and resolves the HTTP status of its answer. Throws if there is none in time. */
export type Push = (request: PushRequest) => Promise<number>

export interface SyncDeps extends ExportDeps {
  readonly world: World
  readonly log: Logger
  readonly syncs: () => readonly Sync[]
  readonly push: Push
}

const LOOK_MS = 1000
/** Steps in one call. */
const PAGE = 500
const LONGEST_REST_SECONDS = 900

/**
 * Tells systems of accepted steps, each from where it was told last: until it has answered, what it was told is told again.
 * One that is slow holds up no other.
 */
export function startSyncs(deps: SyncDeps): Stage {
  const { world, log } = deps
  const telling = new Map<string, Promise<void>>()
  const stop = new AbortController()
  const stage = startStage({
    name: 'process-syncs',
    idleMs: LOOK_MS,
    world,
    onError: (err) => log.error({ err }, 'systems can not be told of steps'),
    async step() {
      for (const sync of deps.syncs()) {
        const { name } = sync
        if (telling.has(name)) continue
        const told = tellAll(deps, sync, stop.signal)
          .catch((err: unknown) => log.error({ err, sync: name }, 'it can not be told of steps'))
          .finally(() => telling.delete(name))
        telling.set(name, told)
      }
      return false
    },
  })
  return {
    ...stage,
    async [Symbol.asyncDispose]() {
      stop.abort(new Error('stopped'))
      await stage[Symbol.asyncDispose]()
      await Promise.all(telling.values())
    },
  }
}

async function tellAll(deps: SyncDeps, sync: Sync, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && (await look(deps, sync, signal)) === 'more');
}

/** `more`: there is more to tell it at once. */
async function look(deps: SyncDeps, sync: Sync, signal: AbortSignal): Promise<'more' | undefined> {
  const row = (await find(deps, sync)) ?? { cursor: 0, due: 0, tries: 0 }
  const now = Math.floor(deps.world.now() / 1000)
  if (row.due > now) return undefined
  const { flow, steps } = sync
  const page: ExportedStep[] = []
  for await (const step of exportSteps(deps, { flow, steps, since: row.cursor, limit: PAGE }))
    page.push(step)
  const reason = await tell(deps, sync, page, signal)
  if (signal.aborted) return undefined
  if (reason !== undefined) {
    const tries = row.tries + 1
    const rest = Math.min(2 ** Math.min(tries, 20), LONGEST_REST_SECONDS)
    await save(deps, sync, { cursor: row.cursor, due: now + rest, tries, reason })
    return undefined
  }
  const isFull = page.length === PAGE
  const due = isFull ? now : now + Math.ceil(sync.everyMs / 1000)
  await save(deps, sync, { cursor: page.at(-1)?.cursor ?? row.cursor, due, tries: 0, reason: null })
  return isFull ? 'more' : undefined
}

/** Why it did not take what it was told. */
async function tell(
  { push, log }: SyncDeps,
  { name, push: url, format, secret }: Sync,
  page: readonly ExportedStep[],
  signal: AbortSignal,
): Promise<string | undefined> {
  const [first, last] = [page[0], page.at(-1)]
  if (!first || !last) return undefined
  const { body, type } = textOf(page, format)
  const id = `${name}:${first.cursor}-${last.cursor}`
  try {
    const status = await push({ url, id, type, body, secret, signal })
    return status >= 200 && status < 300 ? undefined : `it answered ${status}`
  } catch (err) {
    log.warn({ err, sync: name }, 'a system could not be told of steps')
    return err instanceof Error ? err.message : 'there was no answer'
  }
}

async function find({ database, namespace }: SyncDeps, { name }: Sync) {
  return await database.read
    .selectFrom('processSyncs')
    .select(['cursor', 'due', 'tries'])
    .where('namespace', '=', namespace)
    .where('name', '=', name)
    .executeTakeFirst()
}

async function save(
  { database, namespace, world }: SyncDeps,
  { name }: Sync,
  row: Pick<ProcessSyncRow, 'cursor' | 'due' | 'tries' | 'reason'>,
): Promise<void> {
  const updated = padTime(formatTime(world.now()))
  await database.transaction(async ({ db }) => {
    await db
      .insertInto('processSyncs')
      .values({ namespace, name, ...row, updated })
      .onConflict((conflict) =>
        conflict.columns(['namespace', 'name']).doUpdateSet({ ...row, updated }),
      )
      .execute()
  })
}
