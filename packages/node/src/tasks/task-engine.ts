import { type InboxTask, NodeError, type TaskAnswer } from '@concordat/protocol'
import type { JsonMap } from '@concordat/protocol/process'
import { assignmentOf, type Bindings } from '../config/bindings.ts'
import type { Wait } from '../namespace.ts'
import type { Spine } from '../processes/spine.ts'
import { getTaskRow, rowToTask, type Submission, submissionOf } from '../store/tables/tasks.ts'
import type { TaskRow } from '../store/task-schema.ts'
import { bindingOf, groupsOf, mayWork } from './bound.ts'
import { describeTask } from './describe-task.ts'
import { intentOf } from './intent.ts'
import { type SendStepDeps, sendStep, wishOf } from './send-step.ts'
import { columnsOf } from './task-listener.ts'
import { TaskWrites } from './task-writes.ts'
import type { TaskCommands } from './tasks.ts'

export interface TaskEngineDeps extends SendStepDeps {
  readonly spine: Pick<Spine, 'find'>
  readonly bindings: () => Bindings
}

/** How long a call has to send a step itself before the node does it for it, in milliseconds. */
const HEAD_START_MS = 10_000

/**
 * The states of a task, as far as people move it; decisions end it from any of them.
 *
 *   open ─claim─▶ claimed ─complete─▶ (confirming ─confirm─▶) sent ─▶ done
 *     ▲──release────┘  ▲────release──────┘                     │
 *     └────────────────┴──────────── it did not count ─────────┘
 */
export function createTaskEngine(deps: TaskEngineDeps): TaskCommands {
  return {
    describe: (id) => describeTask(deps, id),
    groupsOf: (actor) => groupsOf(deps.bindings(), actor),
    claim: (id, actor) => change(deps, id, (at) => claim(at, actor)),
    release: (id, actor) => change(deps, id, (at) => release(at, actor)),
    delegate: (id, actor, to) => change(deps, id, (at) => delegate(at, actor, to)),
    comment: (id, actor, words) =>
      change(deps, id, ({ row, writes }) => {
        writes.note(row, { kind: 'comment', actor, words })
        return row
      }),
    complete: (id, actor, input, wait) => complete(deps, id, { actor, input }, wait),
    confirm: (id, actor, wait) => confirm(deps, id, actor, wait),
  }
}

/** A task while it is changed. */
interface At {
  readonly row: TaskRow
  readonly writes: TaskWrites
  readonly bindings: Bindings
}

async function changeRow(
  deps: TaskEngineDeps,
  id: string,
  work: (at: At) => TaskRow,
): Promise<TaskRow> {
  return await deps.database.transaction(async (tx) => {
    const row = await getTaskRow(tx.db, deps.namespace, id)
    if (!row) throw new NodeError('FF10143', { what: id })
    return await TaskWrites.use(deps, tx, async (writes) =>
      work({ row, writes, bindings: deps.bindings() }),
    )
  })
}

const change = async (...args: Parameters<typeof changeRow>): Promise<InboxTask> =>
  rowToTask(await changeRow(...args))

function claim({ row, writes, bindings }: At, actor: string): TaskRow {
  if (row.state === 'claimed' && row.assignee === actor) return row
  mustBe(row, 'open')
  mustBeAmong(bindings, row, actor)
  return writes.change(row, { state: 'claimed', assignee: actor }, { kind: 'claimed', actor })
}

function release({ row, writes, bindings }: At, actor: string): TaskRow {
  mustBe(row, 'claimed', 'confirming')
  if (row.state === 'claimed') mustHave(row, actor)
  else mustBeAmong(bindings, row, actor)
  const changes = { state: 'open', assignee: null, submission: null }
  return writes.change(row, changes, { kind: 'released', actor })
}

function delegate({ row, writes, bindings }: At, actor: string, to: string): TaskRow {
  mustBe(row, 'open', 'claimed')
  if (row.assignee === null) mustBeAmong(bindings, row, actor)
  else mustHave(row, actor)
  const assignment = assignmentOf(to)
  if (assignment.kind === 'group' && !bindings.groups.has(assignment.group))
    throw new NodeError('CC21102', { actor, id: row.id, reason: `there is no ${to}` })
  const { state, assignee, groupName } = columnsOf(assignment)
  const group = assignment.kind === 'group' ? groupName : row.groupName
  const note = { kind: 'delegated', actor, words: to }
  return writes.change(row, { state, assignee, groupName: group }, note)
}

async function complete(
  deps: TaskEngineDeps,
  id: string,
  { actor, input }: { readonly actor: string; readonly input: JsonMap },
  wait: Wait,
): Promise<TaskAnswer> {
  const seen = await getTaskRow(deps.database.read, deps.namespace, id)
  if (!seen) throw new NodeError('FF10143', { what: id })
  const wanted = { step: seen.step, input: JSON.stringify(input), by: actor }
  if (isRepeated(seen, wanted)) return await finish(deps, seen, wait)
  mustBeFor(deps.bindings(), seen, actor)
  const intent = intentOf(seen, seen.step)
  const decision = await deps.processes.tryOut(wishOf(seen, { ...wanted, intent }))
  if (decision.verdict !== 'accepted')
    return { task: rowToTask(seen), answer: { process: seen.process, step: seen.step, decision } }
  const row = await changeRow(deps, id, ({ row: now, writes, bindings }) => {
    mustBeFor(bindings, now, actor)
    const submission = { ...wanted, intent: intentOf(now, now.step) }
    const binding = bindingOf(bindings, now)
    const needsSecond = binding?.tasks.get(now.step)?.fourEyes === true
    return submit(deps, { row: now, writes }, submission, needsSecond)
  })
  return await finish(deps, row, wait)
}

/** Whether the very same was asked for before: an answer that was lost is given again. */
function isRepeated(row: TaskRow, { input, by }: Pick<Submission, 'input' | 'by'>): boolean {
  const before = submissionOf(row)
  return before !== undefined && before.by === by && before.input === input
}

function submit(
  deps: TaskEngineDeps,
  { row, writes }: Pick<At, 'row' | 'writes'>,
  submission: Submission,
  needsSecond: boolean,
): TaskRow {
  if (!needsSecond) writes.plan(row, 'submit', deps.world.now() + HEAD_START_MS)
  const changes = {
    state: needsSecond ? 'confirming' : 'sent',
    assignee: submission.by,
    submission: JSON.stringify(submission),
    problem: null,
  }
  return writes.change(row, changes, { kind: 'completed', actor: submission.by })
}

async function confirm(
  deps: TaskEngineDeps,
  id: string,
  actor: string,
  wait: Wait,
): Promise<TaskAnswer> {
  const row = await changeRow(deps, id, ({ row: now, writes, bindings }) => {
    const submission = submissionOf(now)
    if (now.state !== 'confirming' && submission?.confirmedBy === actor) return now
    mustBe(now, 'confirming')
    mustBeAmong(bindings, now, actor)
    if (submission?.by === actor)
      throw new NodeError('CC21102', { actor, id, reason: 'it needs a second person' })
    const confirmed = JSON.stringify({ ...submission, confirmedBy: actor })
    writes.plan(now, 'submit', deps.world.now() + HEAD_START_MS)
    const changes = { state: 'sent', submission: confirmed }
    return writes.change(now, changes, { kind: 'confirmed', actor })
  })
  return await finish(deps, row, wait)
}

/** Sends what is to be sent, and tells how things stand then. */
async function finish(deps: TaskEngineDeps, row: TaskRow, wait: Wait): Promise<TaskAnswer> {
  if (row.state === 'confirming') return { task: rowToTask(row) }
  const answer = await sendStep(deps, row, wait)
  const after = (await getTaskRow(deps.database.read, deps.namespace, row.id)) ?? row
  return { task: rowToTask(after), ...(answer && { answer }) }
}

function mustBe({ id, state, assignee }: TaskRow, ...states: readonly string[]): void {
  if (states.includes(state)) return
  const by = state === 'claimed' && assignee !== null ? ` by ${assignee}` : ''
  throw new NodeError('CC21101', { id, state: `${state}${by}` })
}

function mustBeAmong(bindings: Bindings, row: TaskRow, actor: string): void {
  if (mayWork(bindings, row, actor)) return
  throw new NodeError('CC21102', { actor, id: row.id, reason: `it is for ${row.groupName}` })
}

function mustHave({ id, assignee }: TaskRow, actor: string): void {
  if (assignee === actor) return
  throw new NodeError('CC21102', { actor, id, reason: `${assignee} has it` })
}

/** Completing takes a task that nobody has. */
function mustBeFor(bindings: Bindings, row: TaskRow, actor: string): void {
  mustBe(row, 'open', 'claimed')
  if (row.state === 'open') mustBeAmong(bindings, row, actor)
  else mustHave(row, actor)
}
