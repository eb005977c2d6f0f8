import { NodeError, spliceJson } from '@concordat/protocol'
import {
  canonicalJson,
  type JsonMap,
  openTasks,
  parseStrict,
  publicSchema,
} from '@concordat/protocol/process'
import type { Bindings, DeciderBinding } from '../config/bindings.ts'
import type { Logger } from '../lib/logger.ts'
import { type Stage, startStage } from '../lib/stage.ts'
import type { World } from '../lib/world.ts'
import { getTaskRow } from '../store/tables/tasks.ts'
import type { TaskRow, TaskWorkRow } from '../store/task-schema.ts'
import { bindingOf } from './bound.ts'
import { type DescribeTaskDeps, describeTask } from './describe-task.ts'
import { type DueWork, findDueWork, pauseAfter, putOff } from './due-work.ts'
import { intentOf } from './intent.ts'
import { TaskWrites, type TaskWritesDeps } from './task-writes.ts'

/** A question to a program. */
export interface DeciderRequest {
  readonly url: string
  /** Stays the same when the question is asked again. */
  readonly key: string
  readonly body: string
  /** `whsec_` and base64; '' for none. */
  readonly secret: string
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** Asks a program over HTTP. Throws if there is no answer in time. */
export type AskDecider = (
  request: DeciderRequest,
) => Promise<{ readonly status: number; readonly body: string }>

export interface DecidersDeps extends TaskWritesDeps, DescribeTaskDeps {
  readonly world: World
  readonly log: Logger
  readonly bindings: () => Bindings
  readonly ask: AskDecider
  /** A step waits to be sent. */
  readonly onSubmit: () => void
}

const LOOK_MS = 1000
/** Questions at once; one that waits for its answer holds up no other until as many wait. */
const MAX_ASKED = 16

/**
 * Asks programs to decide tasks. A question is asked again until it has an answer, or the decider's time is over; then
 * the task is for people.
 *
 *   asked ─200─▶ the step is sent     ─202─▶ later: the program calls by itself
 *     │ ▲        ─204─▶ person        ─other 4xx─▶ person, with the error shown
 *     └─┘ back-off                    ─time over─▶ person
 */
export function startDeciders(deps: DecidersDeps): Stage {
  const { world, log } = deps
  const asked = new Map<string, Promise<void>>()
  const stop = new AbortController()
  let resumed = false
  const stage = startStage({
    name: 'deciders',
    idleMs: LOOK_MS,
    world,
    onError: (err) => log.error({ err }, 'deciders can not be asked'),
    async step() {
      if (!resumed) await resume(deps)
      resumed = true
      if (asked.size >= MAX_ASKED) return false
      const due = await findDueWork(deps, ['decide'], world.now(), 2 * MAX_ASKED)
      for (const each of due) {
        const { id } = each.task
        if (asked.size >= MAX_ASKED || asked.has(id)) continue
        const asking = serve(deps, each, stop.signal)
          .catch((err: unknown) => log.error({ err, task: id }, 'a decider can not be asked'))
          .finally(() => {
            asked.delete(id)
            stage.nudge()
          })
        asked.set(id, asking)
      }
      return false
    },
  })
  return {
    ...stage,
    async [Symbol.asyncDispose]() {
      stop.abort(new Error('stopped'))
      await stage[Symbol.asyncDispose]()
      await Promise.all(asked.values())
    },
  }
}

/** The time that this node was not running is not the decider's. */
const resume = ({ database, namespace }: DecidersDeps): Promise<unknown> =>
  database.transaction(({ db }) =>
    db
      .updateTable('taskWork')
      .set({ started: null })
      .where('namespace', '=', namespace)
      .where('kind', '=', 'decide')
      .execute(),
  )

async function serve(
  deps: DecidersDeps,
  { work, task }: DueWork,
  signal: AbortSignal,
): Promise<void> {
  const decider = bindingOf(deps.bindings(), task)?.deciders.get(task.step)
  if (!decider || !isFree(task))
    return leave(deps, task, { decider: decider ? task.decider : null })
  const now = deps.world.now()
  const started = work.started ?? now
  const timeoutMs = started + decider.timeoutMs - now
  const tried = { ...work, started, until: started + decider.timeoutMs }
  if (timeoutMs <= 0) return retry(deps, task, tried, 'its time is over')
  try {
    const request = await questionOf(deps, task, decider)
    const answer = await deps.ask({ ...request, timeoutMs, signal })
    await take(deps, task, tried, answer)
  } catch (err) {
    if (signal.aborted) return
    await retry(deps, task, tried, err instanceof Error ? err.message : String(err))
  }
}

/** Whether a program may still decide it. */
const isFree = ({ endedBy, state }: TaskRow): boolean =>
  endedBy === null && (state === 'open' || state === 'claimed')

/** A question that was asked, with when its time is over, in milliseconds. */
type Tried = TaskWorkRow & { readonly started: number; readonly until: number }

async function retry(
  deps: DecidersDeps,
  task: TaskRow,
  { until, ...work }: Tried,
  reason: string,
): Promise<void> {
  deps.log.info({ task: task.id, reason }, 'a decider did not answer')
  const now = deps.world.now()
  if (now >= until) return leave(deps, task, { decider: 'person', note: `no answer: ${reason}` })
  await putOff(deps, work, Math.min(now + pauseAfter(work.attempts), until))
}

async function questionOf(
  deps: DecidersDeps,
  task: TaskRow,
  { webhook, secret }: DeciderBinding,
): Promise<Pick<DeciderRequest, 'url' | 'key' | 'body' | 'secret'>> {
  const { view, decisions, history: _, ...about } = await describeTask(deps, task.id)
  const options = await optionsOf(deps, task)
  const body = spliceJson({ task: { ...about, options }, view, history: decisions })
  return { url: webhook, key: intentOf(task, task.step), body, secret }
}

/** Everything the party could do instead. */
async function optionsOf({ spine }: DecidersDeps, { process, party }: TaskRow) {
  const state = (await spine.find(process))?.state
  if (!state) return []
  return openTasks(state, party).map(({ step, role }) => {
    const input = state.frame.definition.steps.get(step)?.input
    return {
      step,
      ...(role !== undefined && { role }),
      ...(input && { input: publicSchema(input) }),
    }
  })
}

async function take(
  deps: DecidersDeps,
  task: TaskRow,
  tried: Tried,
  { status, body }: { readonly status: number; readonly body: string },
): Promise<void> {
  if (status === 200) return decide(deps, task, body)
  if (status === 202) return leave(deps, task, { decider: 'later', note: 'will answer later' })
  if (status === 204) return leave(deps, task, { decider: 'person', note: 'has no opinion' })
  if (status >= 400 && status < 500 && status !== 408 && status !== 429) {
    const said = body.replaceAll('\0', '').slice(0, MAX_PROBLEM)
    const problem = `${status}${said === '' ? '' : `: ${said}`}`
    return leave(deps, task, { decider: 'person', problem })
  }
  return retry(deps, task, tried, `HTTP ${status}`)
}

/** Characters of an error that are shown. */
const MAX_PROBLEM = 500

interface Leaving {
  readonly decider: string | null
  readonly problem?: string
  readonly note?: string
}

/** Asks no more about a task, unless it has become another question since. */
const leave = (
  deps: DecidersDeps,
  { id, n }: TaskRow,
  { decider, problem, note }: Leaving,
): Promise<void> =>
  deps.database.transaction((tx) =>
    TaskWrites.use(deps, tx, async (writes) => {
      const row = await getTaskRow(tx.db, deps.namespace, id)
      if (row && row.n !== n) return
      writes.drop({ id }, 'decide')
      if (row?.endedBy !== null) return
      const words = note ?? problem
      const notes = words === undefined ? [] : [{ kind: 'answered', actor: 'decider', words }]
      writes.change(row, { decider, ...(problem !== undefined && { problem }) }, ...notes)
    }),
  )

/** Takes the step that a program answered with. It is written before it is sent: nobody is asked twice. */
async function decide(deps: DecidersDeps, task: TaskRow, body: string): Promise<void> {
  const answer = readAnswer(body)
  if (!answer) return leave(deps, task, { decider: 'person', problem: 'its answer is no step' })
  const { step = task.step, input } = answer
  await deps.database.transaction((tx) =>
    TaskWrites.use(deps, tx, async (writes) => {
      const row = await getTaskRow(tx.db, deps.namespace, task.id)
      // An answer counts for the question that was asked, not for what has come since.
      if (row?.n !== task.n) return
      writes.drop(task, 'decide')
      if (!isFree(row)) return
      const needsPerson = bindingOf(deps.bindings(), row)?.tasks.get(step)?.fourEyes === true
      const intent = intentOf(row, row.step)
      const by = 'decider'
      const submission = JSON.stringify({ step, input: canonicalJson(input), intent, by })
      const state = needsPerson ? 'confirming' : 'sent'
      writes.change(row, { state, submission }, { kind: 'completed', actor: by })
      if (needsPerson) return
      writes.plan(row, 'submit', writes.ms)
      tx.onCommit(deps.onSubmit)
    }),
  )
}

function readAnswer(body: string): { readonly step?: string; readonly input: JsonMap } | undefined {
  try {
    const answer = parseStrict(body)
    if (!isMap(answer)) return undefined
    const { step, input = {} } = answer
    if (!isMap(input) || (step !== undefined && typeof step !== 'string')) return undefined
    return { ...(step !== undefined && { step }), input }
  } catch (error) {
    if (error instanceof NodeError) return undefined
    throw error
  }
}

const isMap = (json: unknown): json is JsonMap =>
  typeof json === 'object' && json !== null && !Array.isArray(json)
