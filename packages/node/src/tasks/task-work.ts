import type { Bindings } from '../config/bindings.ts'
import type { Logger } from '../lib/logger.ts'
import { type Stage, startStage } from '../lib/stage.ts'
import type { World } from '../lib/world.ts'
import type { FoldListener } from '../processes/fold-listener.ts'
import type { Spine } from '../processes/spine.ts'
import { getTaskRow } from '../store/tables/tasks.ts'
import type { TaskRow } from '../store/task-schema.ts'
import { bindingOf } from './bound.ts'
import { type DueWork, findDueWork, pauseAfter, putOff } from './due-work.ts'
import { NO_WAIT, type SendStepDeps, sendStep } from './send-step.ts'
import { takeByRule } from './take-by-rule.ts'
import { columnsOf, nextReminder } from './task-listener.ts'
import { TaskWrites } from './task-writes.ts'

export interface TaskWorkDeps extends SendStepDeps {
  readonly world: World
  readonly log: Logger
  readonly spine: Pick<Spine, 'find'>
  readonly bindings: () => Bindings
  /** What keeps the inbox as instances are. */
  readonly listener: FoldListener
}

const LOOK_MS = 1000
const PAGE = 50

/** Sends the steps that were decided on and not sent yet, reminds people, and hands on what they left lying. */
export function startTaskWork(deps: TaskWorkDeps): Stage {
  const { world, log } = deps
  return startStage({
    name: 'tasks',
    idleMs: LOOK_MS,
    world,
    onError: (err) => log.error({ err }, 'tasks can not be worked on'),
    async step(signal) {
      const due = await findDueWork(
        deps,
        ['submit', 'rule', 'remind', 'escalate'],
        world.now(),
        PAGE,
      )
      for (const each of due) {
        if (signal.aborted) break
        await work(deps, each)
      }
      await lookAgain(deps, signal)
      return due.length === PAGE
    },
  })
}

/** Opens and closes what time alone has made possible, or impossible. */
async function lookAgain(deps: TaskWorkDeps, signal: AbortSignal): Promise<void> {
  const { namespace, database, world, spine, listener } = deps
  const due = await database.read
    .selectFrom('taskWork')
    .select('task')
    .where('namespace', '=', namespace)
    .where('kind', '=', 'look')
    .where('due', '<=', world.now())
    .limit(PAGE)
    .execute()
  for (const { task: process } of due) {
    if (signal.aborted) return
    const instance = await spine.find(process)
    await database.transaction(async (tx) => {
      await tx.db
        .deleteFrom('taskWork')
        .where('namespace', '=', namespace)
        .where('task', '=', process)
        .where('kind', '=', 'look')
        .execute()
      const row = await tx.db
        .selectFrom('processes')
        .selectAll()
        .where('namespace', '=', namespace)
        .where('id', '=', process)
        .executeTakeFirst()
      const state = instance?.state
      if (!row || !state) return
      // What was folded in between is looked at as it was folded; the next look is not far.
      const isFresh = row.hash === state.hash
      if (isFresh) await listener.onFolded(tx, { process: row, state, decisions: [] })
      else await TaskWrites.use(deps, tx, async (writes) => writes.plan(row, 'look', writes.ms))
    })
  }
}

async function work(deps: TaskWorkDeps, due: DueWork): Promise<void> {
  try {
    if (due.work.kind === 'submit') await sendStep(deps, due.task, NO_WAIT)
    else if (due.work.kind === 'remind') await remind(deps, due.task)
    else if (due.work.kind === 'rule') await decide(deps, due.task)
    else await escalate(deps, due.task)
  } catch (err) {
    const { id: task, process } = due.task
    deps.log.warn({ err, task, process, work: due.work.kind }, 'work on a task failed')
    const now = deps.world.now()
    await putOff(deps, due.work, now + pauseAfter(due.work.attempts))
  }
}

/** Says that a task is due, or soon will be. */
async function remind(deps: TaskWorkDeps, { id, process }: TaskRow): Promise<void> {
  const state = (await deps.spine.find(process))?.state
  await changeOpen(deps, id, 'remind', (row, writes) => {
    const binding = bindingOf(deps.bindings(), row)
    const next = state && nextReminder(state, binding, row, deps.world.now())
    if (next !== undefined) writes.plan(row, 'remind', next)
    writes.note(row, { kind: 'reminded' })
    writes.tell('process_task_due', row)
  })
}

/** Lets a rule decide that waited for what else would come. */
async function decide(deps: TaskWorkDeps, { id, process }: TaskRow): Promise<void> {
  const state = (await deps.spine.find(process))?.state
  await changeOpen(deps, id, 'rule', (row, writes) => {
    if (state) takeByRule(writes, row, state, bindingOf(deps.bindings(), row))
  })
}

/** Hands a task that nobody has completed to those who are asked next. */
async function escalate(deps: TaskWorkDeps, { id }: TaskRow): Promise<void> {
  await changeOpen(deps, id, 'escalate', (row, writes) => {
    const to = bindingOf(deps.bindings(), row)?.tasks.get(row.step)?.escalate?.to
    if (!to || (row.state !== 'open' && row.state !== 'claimed')) return
    const words = to.kind === 'group' ? `group:${to.group}` : to.person
    writes.change(row, columnsOf(to), { kind: 'escalated', words })
    writes.tell('process_task_due', row)
  })
}

/** Does planned work once, in one transaction with the plan's end, if the task is still open. */
const changeOpen = (
  deps: TaskWorkDeps,
  id: string,
  kind: 'rule' | 'remind' | 'escalate',
  change: (row: TaskRow, writes: TaskWrites) => void,
): Promise<void> =>
  deps.database.transaction((tx) =>
    TaskWrites.use(deps, tx, async (writes) => {
      const row = await getTaskRow(tx.db, deps.namespace, id)
      writes.drop({ id }, kind)
      if (row?.endedBy === null) change(row, writes)
    }),
  )
