import { formatTime, padTime, timeToMs } from '@concordat/protocol'
import type { InstanceState, StepRecord } from '@concordat/protocol/process'
import { parseIsoDuration } from '@concordat/protocol/process'
import type { Assignment, Bindings, FlowBinding } from '../config/bindings.ts'
import type { Folded, FoldListener } from '../processes/fold-listener.ts'
import type { Transaction } from '../store/database.ts'
import { submissionOf } from '../store/tables/tasks.ts'
import type { TaskRow } from '../store/task-schema.ts'
import { bindingOf } from './bound.ts'
import { takeByRule } from './take-by-rule.ts'
import { TaskWrites, type TaskWritesDeps } from './task-writes.ts'
import { areSame, keyOf, type WantedTask, wantedTasks } from './wanted-tasks.ts'

export interface TaskListenerDeps extends TaskWritesDeps {
  readonly bindings: () => Bindings
  /** Whether a DID is an identity that this node acts for. */
  readonly isOurs: (did: string) => boolean
  /** There is something to do for a task. */
  readonly onWork: () => void
}

/** Keeps the inbox as instances are: a task is open if and only if its step is acceptable, up to its input. */
export const createTaskListener = (deps: TaskListenerDeps): FoldListener => ({
  onFolded: (tx, folded) => project(deps, tx, folded),
})

/**
 * What is folded this long after its block, in milliseconds, is an old story: of a node that catches up. Programs and rules
 * act on it only when nothing more has come for a while, since those who act on what is past do what nobody wants.
 */
const LATE_MS = 120_000
const QUIET_MS = 30_000

/** One instance, while its tasks are brought up to date. */
interface Projection {
  readonly deps: TaskListenerDeps
  readonly tx: Transaction
  readonly folded: Folded
  readonly binding: FlowBinding | undefined
  readonly writes: TaskWrites
  /** How long programs and rules wait with what they do, in milliseconds. */
  readonly pauseMs: number
  /** Decisions on what parties of this node submitted. */
  readonly own: readonly OwnDecision[]
}

interface OwnDecision {
  readonly record: StepRecord
  readonly intent: string | null
}

async function project(deps: TaskListenerDeps, tx: Transaction, folded: Folded): Promise<void> {
  const { process, before, state } = folded
  const parties = [...state.frame.rolesOf.keys()].filter(deps.isOurs)
  if (parties.length === 0) return
  const binding = bindingOf(deps.bindings(), process)
  const wanted = wantedTasks(state, parties, binding)
  const records = ownRecords(folded, parties)
  const isCalm = before && records.length === 0 && (binding?.rules.length ?? 0) === 0
  if (isCalm && areSame(wantedTasks(before, parties, binding), wanted)) return
  const own = await withIntents(deps, tx, records)
  const writes = new TaskWrites(deps, tx)
  const pauseMs = writes.ms - state.clock * 1000 > LATE_MS ? QUIET_MS : 0
  const at = { deps, tx, folded, binding, own, writes, pauseMs }
  const rows = await openRows(deps, tx, process.id)
  const missing = new Map(wanted.map((task) => [keyOf(task), task]))
  for (const row of rows) {
    const task = missing.get(keyOf(row))
    missing.delete(keyOf(row))
    if (task) await keep(at, row, task)
    else await end(at, row)
  }
  for (const task of missing.values()) await open(at, task)
  tx.onCommit(deps.onWork)
}

const ownRecords = ({ decisions }: Folded, parties: readonly string[]): readonly StepRecord[] =>
  decisions.flatMap(({ record }) =>
    record.verdict !== 'timeout' && parties.includes(record.author) ? [record] : [],
  )

/** Each with the wish that its message carried. */
async function withIntents(
  { namespace }: TaskListenerDeps,
  { db }: Transaction,
  records: readonly StepRecord[],
): Promise<readonly OwnDecision[]> {
  const ids = records.flatMap(({ message }) => (message ? [message.id] : []))
  if (ids.length === 0) return records.map((record) => ({ record, intent: null }))
  const rows = await db
    .selectFrom('messages')
    .select(['id', 'idempotencyKey'])
    .where('namespace', '=', namespace)
    .where('id', 'in', ids)
    .where('idempotencyKey', 'is not', null)
    .execute()
  const intents = new Map(rows.map(({ id, idempotencyKey }) => [id, idempotencyKey]))
  return records.map((record) => ({
    record,
    intent: intents.get(record.message?.id ?? '') ?? null,
  }))
}

const openRows = (
  { namespace }: TaskListenerDeps,
  { db }: Transaction,
  process: string,
): Promise<TaskRow[]> =>
  db
    .selectFrom('tasks')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('process', '=', process)
    .where('endedBy', 'is', null)
    .orderBy('seq')
    .execute()

async function open(at: Projection, task: WantedTask): Promise<void> {
  const { binding, folded, writes } = at
  const { process, state } = folded
  const document = state.frame.definition.steps.get(task.step)?.document
  const assigned = columnsOf(binding?.tasks.get(task.step)?.assign)
  const row = await writes.open({
    process: process.id,
    flow: process.flow,
    name: process.name,
    version: process.version,
    step: task.step,
    role: task.role ?? null,
    party: task.party,
    title: document?.title ?? null,
    priority: document?.task?.priority ?? null,
    ...assigned,
    since: task.since,
    n: Math.max(task.since, await lastOwn(at, task)),
    due: dueOf(task),
    submission: null,
    problem: null,
    decider: null,
    endedBy: null,
  })
  await writes.note(row, { kind: 'opened' })
  await planReminder(at, row)
  const escalate = binding?.tasks.get(task.step)?.escalate
  if (escalate) await writes.plan(row, 'escalate', writes.ms + escalate.afterMs)
  if (await ruleOn(at, row)) return
  if (!binding?.deciders.has(task.step)) return
  await writes.plan(row, 'decide', writes.ms + at.pauseMs)
  await writes.change(row, { decider: 'asked' })
}

const dueOf = ({ due }: WantedTask): string | null =>
  due === undefined ? null : padTime(formatTime(due * 1000))

/** The columns of who has a task at first. */
export function columnsOf(
  to: Assignment | undefined,
): Pick<TaskRow, 'state' | 'groupName' | 'assignee'> {
  if (to?.kind === 'person') return { state: 'claimed', groupName: null, assignee: to.person }
  return { state: 'open', groupName: to?.group ?? null, assignee: null }
}

/** The party's last decision on a step, 0 if it has not taken it. */
async function lastOwn(
  { deps, tx, folded }: Projection,
  { party, step }: Pick<TaskRow, 'party' | 'step'>,
): Promise<number> {
  const { n } = await tx.db
    .selectFrom('decisions')
    .select((eb) => eb.fn.max('n').as('n'))
    .where('namespace', '=', deps.namespace)
    .where('process', '=', folded.process.id)
    .where('author', '=', party)
    .where('step', '=', step)
    .executeTakeFirstOrThrow()
  return Number(n ?? 0)
}

/** When people are reminded first, and when it is due. */
async function planReminder(
  { deps, folded, binding, writes }: Projection,
  row: TaskRow,
): Promise<void> {
  const next = nextReminder(folded.state, binding, row, deps.world.now())
  if (next !== undefined) await writes.plan(row, 'remind', next)
}

/** The next time, in milliseconds, at which people are told that a task is due. */
export function nextReminder(
  { frame }: InstanceState,
  binding: FlowBinding | undefined,
  { due, step }: Pick<TaskRow, 'due' | 'step'>,
  now: number,
): number | undefined {
  if (due === null) return undefined
  const hints = frame.definition.steps.get(step)?.document.task?.remind ?? []
  const bound = binding?.tasks.get(step)?.remindMs ?? []
  const before =
    bound.length > 0 ? bound : hints.map((text) => Number(parseIsoDuration(text)) * 1000)
  const end = timeToMs(due)
  return [...before, 0]
    .map((ms) => end - ms)
    .sort((a, b) => a - b)
    .find((time) => time > now)
}

async function keep(at: Projection, row: TaskRow, task: WantedTask): Promise<void> {
  const { own, writes } = at
  const due = dueOf(task)
  const moved = due === row.due ? row : await writes.change(row, { due })
  if (moved !== row) await planReminder(at, moved)
  const ours = own.filter(({ record }) => record.author === row.party && record.step === row.step)
  const intent = submissionOf(row)?.intent
  const decided = own.find((each) => each.intent !== null && each.intent === intent)
  const n = Math.max(
    row.n,
    ...[...ours, ...(decided ? [decided] : [])].map(({ record }) => record.n),
  )
  const current = decided ? await reopen(at, moved, decided.record, n) : moved
  if (!decided && n !== row.n) await writes.change(moved, { n })
  await ruleOn(at, { ...current, n })
  if (at.pauseMs > 0 && current.decider === 'asked')
    await writes.plan(row, 'decide', writes.ms + at.pauseMs)
}

/** Its step was decided, and it is possible still. */
async function reopen(
  { binding, writes }: Projection,
  row: TaskRow,
  { verdict, code, n: decision }: StepRecord,
  n: number,
): Promise<TaskRow> {
  const state = row.assignee === null ? 'open' : 'claimed'
  const problem = verdict === 'accepted' ? null : (code ?? verdict)
  const words = `decision ${decision}${problem === null ? '' : `: ${problem}`}`
  await writes.drop(row, 'submit')
  const isAsked = binding?.deciders.has(row.step) === true
  if (isAsked) await writes.plan(row, 'decide', writes.ms)
  const decider = isAsked ? 'asked' : null
  const changes = { state, submission: null, problem, n, decider }
  return await writes.change(row, changes, { kind: verdict, words })
}

async function end({ folded, own, writes }: Projection, row: TaskRow): Promise<void> {
  const done = own.find(
    ({ record }) =>
      record.verdict === 'accepted' &&
      record.author === row.party &&
      record.step === (submissionOf(row)?.step ?? row.step),
  )
  const cause =
    done?.record ??
    folded.decisions.find(
      ({ record: { verdict } }) => verdict === 'accepted' || verdict === 'timeout',
    )?.record
  const endedBy = cause?.n ?? folded.state.n
  const state = done ? 'done' : 'gone'
  await writes.change(row, { state, endedBy }, { kind: state, words: `decision ${endedBy}` })
  await writes.drop(row)
  await writes.tell('process_task_closed', row)
}

async function ruleOn(at: Projection, row: TaskRow): Promise<boolean> {
  const { folded, binding, writes, pauseMs } = at
  if (!binding?.rules.some((rule) => rule.do === row.step)) return false
  if (pauseMs === 0) return await takeByRule(writes, row, folded.state, binding)
  await writes.plan(row, 'rule', writes.ms + pauseMs)
  return false
}
