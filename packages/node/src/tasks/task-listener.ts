import { formatTime, padTime, timeToMs } from '@concordat/protocol'
import type { InstanceState, StepRecord } from '@concordat/protocol/process'
import { parseIsoDuration } from '@concordat/protocol/process'
import type { Assignment, Bindings, FlowBinding } from '../config/bindings.ts'
import type { Folded, FoldListener } from '../processes/fold-listener.ts'
import type { Transaction } from '../store/database.ts'
import { prepared } from '../store/prepared.ts'
import { submissionOf } from '../store/tables/tasks.ts'
import type { TaskRow } from '../store/task-schema.ts'
import { bindingOf } from './bound.ts'
import { takeByRule } from './take-by-rule.ts'
import { TaskWrites, type TaskWritesDeps, workKinds } from './task-writes.ts'
import { areSame, dependsOnTime, keyOf, type WantedTask, wantedTasks } from './wanted-tasks.ts'

export interface TaskListenerDeps extends TaskWritesDeps {
  readonly bindings: () => Bindings
  /** Whether a DID is an identity that this node acts for. */
  readonly isOurs: (did: string) => boolean
  /** There is something to do for a task. */
  readonly onWork: () => void
}

/**
 * Keeps the inbox as instances are: a task is open if and only if its step is acceptable, up to its input. Told of an instance
 * without a state before, it looks at all of its tasks.
 */
export const createTaskListener = (deps: TaskListenerDeps): FoldListener => ({
  onFolded: (tx, folded) => project(deps, tx, folded),
})

/**
 * What is folded this long after its block, in milliseconds, is an old story: of a node that catches up. Programs and rules
 * act on it only when nothing more has come for a while, since those who act on what is past do what nobody wants.
 */
const LATE_MS = 120_000
const QUIET_MS = 30_000

/** How often instances are looked at whose steps time alone may open or close, in milliseconds. */
const LOOK_AGAIN_MS = 30_000

/** One instance, while its tasks are brought up to date. */
interface Projection {
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
  const time = Math.floor(deps.world.now() / 1000)
  const wanted = wantedTasks(state, parties, binding, time)
  const records = ownRecords(folded, parties)
  const isCalm = before && records.length === 0 && (binding?.rules.length ?? 0) === 0
  if (isCalm && areSame(wantedTasks(before, parties, binding, time), wanted)) return
  const rows = await openRows(deps, tx, process.id)
  const wishes = rows.some(({ submission }) => submission !== null)
  const own = await withIntents(deps, tx, wishes, records)
  const known = new Set(rows.map(keyOf))
  const fresh = wanted.filter((task) => !known.has(keyOf(task)))
  const earlier = await decidedSince(deps, tx, folded, fresh)
  await TaskWrites.use(deps, tx, async (writes) => {
    const pauseMs = writes.ms - state.clock * 1000 > LATE_MS ? QUIET_MS : 0
    const at = { folded, binding, own, writes, pauseMs }
    const still = new Map(wanted.map((task) => [keyOf(task), task]))
    for (const row of rows) {
      const task = still.get(keyOf(row))
      if (task) keep(at, row, task)
      else end(at, row)
    }
    for (const task of fresh) open(at, task, earlier)
    if (!before && dependsOnTime(state)) writes.plan(process, 'look', writes.ms + LOOK_AGAIN_MS)
  })
  tx.onCommit(deps.onWork)
}

const ownRecords = ({ decisions }: Folded, parties: readonly string[]): readonly StepRecord[] =>
  decisions.flatMap(({ record }) =>
    record.verdict !== 'timeout' && parties.includes(record.author) ? [record] : [],
  )

/** Each with the wish that its message carried, if that is asked for. */
async function withIntents(
  { namespace }: TaskListenerDeps,
  { db }: Transaction,
  isAsked: boolean,
  records: readonly StepRecord[],
): Promise<readonly OwnDecision[]> {
  const ids = records.flatMap(({ message }) => (message ? [message.id] : []))
  if (!isAsked || ids.length === 0) return records.map((record) => ({ record, intent: null }))
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
): Promise<TaskRow[]> => openTasksOf(db, { namespace, process })

const openTasksOf = prepared((db, given: { namespace: string; process: string }) =>
  db
    .selectFrom('tasks')
    .selectAll()
    .where('namespace', '=', given.namespace)
    .where('process', '=', given.process)
    .where('endedBy', 'is', null)
    .orderBy('seq'),
)

/** The last decision on each step of each party since those tasks could be there, by `doerOf`. */
async function decidedSince(
  { namespace }: TaskListenerDeps,
  { db }: Transaction,
  { process, state }: Folded,
  tasks: readonly WantedTask[],
): Promise<ReadonlyMap<string, number>> {
  const since = Math.min(...tasks.map((task) => task.since))
  // Nearly always: the last decision has made them possible.
  if (since >= state.n) return new Map()
  const rows = await db
    .selectFrom('decisions')
    .select(['author', 'step', 'n'])
    .where('namespace', '=', namespace)
    .where('process', '=', process.id)
    .where('n', '>', since)
    .orderBy('n')
    .execute()
  return new Map(rows.map(({ author, step, n }) => [doerOf(author, step), n]))
}

const doerOf = (party: string | null, step: string | null): string => JSON.stringify([party, step])

function open(at: Projection, task: WantedTask, earlier: ReadonlyMap<string, number>): void {
  const { binding, folded, writes } = at
  const { process, state } = folded
  const { step, party, since } = task
  const document = state.frame.definition.steps.get(step)?.document
  const bound = binding?.tasks.get(step)
  const isAsked = binding?.deciders.has(step) === true
  const row = writes.open({
    process: process.id,
    flow: process.flow,
    name: process.name,
    version: process.version,
    step,
    role: task.role ?? null,
    party,
    title: document?.title ?? null,
    priority: document?.task?.priority ?? null,
    ...columnsOf(bound?.assign),
    since,
    n: Math.max(since, earlier.get(doerOf(party, step)) ?? 0),
    due: dueOf(task),
    submission: null,
    problem: null,
    decider: isAsked ? 'asked' : null,
    endedBy: null,
  })
  planReminder(at, row)
  if (bound?.escalate) writes.plan(row, 'escalate', writes.ms + bound.escalate.afterMs)
  if (!ruleOn(at, row) && isAsked) writes.plan(row, 'decide', writes.ms + at.pauseMs)
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

function planReminder({ folded, binding, writes }: Projection, row: TaskRow): void {
  const next = nextReminder(folded.state, binding, row, writes.ms)
  if (next !== undefined) writes.plan(row, 'remind', next)
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
  return before
    .map((ms) => end - ms)
    .sort((a, b) => a - b)
    .find((time) => time > now)
}

function keep(at: Projection, row: TaskRow, task: WantedTask): void {
  const { own, writes } = at
  const due = dueOf(task)
  if (due !== row.due) planReminder(at, writes.change(row, { due }))
  const intent = submissionOf(row)?.intent
  const decided = own.find((each) => each.intent !== null && each.intent === intent)
  const ours = own.filter(
    (each) =>
      each === decided || (each.record.author === row.party && each.record.step === row.step),
  )
  const n = Math.max(row.n, ...ours.map(({ record }) => record.n))
  const current = decided ? reopen(at, row, decided.record) : row
  const now = n === row.n ? current : writes.change(current, { n })
  if (ruleOn(at, now) || now.decider !== 'asked') return
  if (decided || at.pauseMs > 0) writes.plan(row, 'decide', writes.ms + at.pauseMs)
}

/** Its step was decided, and it is possible still. */
function reopen(
  { binding, writes }: Projection,
  row: TaskRow,
  { verdict, code, n }: StepRecord,
): TaskRow {
  const state = row.assignee === null ? 'open' : 'claimed'
  const problem = verdict === 'accepted' ? null : (code ?? verdict)
  const words = `decision ${n}${problem === null ? '' : `: ${problem}`}`
  const decider = binding?.deciders.has(row.step) === true ? 'asked' : null
  writes.drop(row, 'submit')
  const changes = { state, submission: null, problem, decider }
  return writes.change(row, changes, { kind: verdict, words })
}

function end({ folded, binding, own, writes }: Projection, row: TaskRow): void {
  const { state, decisions } = folded
  const step = submissionOf(row)?.step ?? row.step
  const done = own.find(
    ({ record }) =>
      record.verdict === 'accepted' && record.author === row.party && record.step === step,
  )
  const cause =
    done?.record ??
    decisions.find(({ record: { verdict } }) => verdict === 'accepted' || verdict === 'timeout')
      ?.record
  writes.change(row, { state: done ? 'done' : 'gone', endedBy: cause?.n ?? state.n })
  const hints = state.frame.definition.steps.get(row.step)?.document.task?.remind
  if (binding || hints || row.submission !== null || row.decider !== null)
    writes.drop(row, ...workKinds)
  writes.tell('process_task_closed', row)
}

function ruleOn(at: Projection, row: TaskRow): boolean {
  const { folded, binding, writes, pauseMs } = at
  if (!binding?.rules.some((rule) => rule.do === row.step)) return false
  if (pauseMs === 0) return takeByRule(writes, row, folded.state, binding)
  writes.plan(row, 'rule', writes.ms + pauseMs)
  return false
}
