import { type InboxTask, RawJson, type TaskNote, trimTime } from '@concordat/protocol'
import type { Kysely } from 'kysely'
import { inNamespace, type List, readPage } from '../collections.ts'
import { type FilterFields, hash, integer, text, time, uuid } from '../filter-fields.ts'
import type { Tables } from '../schema.ts'
import type { TaskNoteRow, TaskRow } from '../task-schema.ts'

export const taskFields = {
  id: uuid('id'),
  process: uuid('process'),
  flow: hash('flow'),
  name: text('name'),
  version: text('version'),
  step: text('step'),
  role: text('role'),
  party: text('party'),
  state: text('state'),
  priority: text('priority'),
  group: text('groupName'),
  assignee: text('assignee'),
  decider: text('decider'),
  due: time('due'),
  sequence: integer('seq'),
  created: time('created'),
  updated: time('updated'),
} satisfies FilterFields

/** What a task holds of a step that is to be sent, or was. */
export interface Submission {
  readonly step: string
  /** JSON text. */
  readonly input: string
  readonly intent: string
  readonly by: string
  readonly confirmedBy?: string
}

export const submissionOf = ({ submission }: TaskRow): Submission | undefined =>
  submission === null ? undefined : JSON.parse(submission)

/** A task as callers see it. */
export function rowToTask(row: TaskRow): InboxTask {
  const { role, title, priority, groupName, assignee, due, problem, decider, endedBy } = row
  const submission = submissionOf(row)
  return {
    id: row.id,
    process: row.process,
    flow: row.flow,
    name: row.name,
    version: row.version,
    step: row.step,
    ...(role !== null && { role }),
    party: row.party,
    ...(title !== null && { title }),
    state: row.state,
    ...(priority !== null && { priority }),
    ...(groupName !== null && { group: groupName }),
    ...(assignee !== null && { assignee }),
    since: row.since,
    ...(due !== null && { due: trimTime(due) }),
    ...(submission && { submission: { ...submission, input: new RawJson(submission.input) } }),
    ...(problem !== null && { problem }),
    ...(decider !== null && { decider }),
    ...(endedBy !== null && { endedBy }),
    created: trimTime(row.created),
    updated: trimTime(row.updated),
  }
}

export const listTasks: List<'tasks', InboxTask> = (db, namespace, filter, also) =>
  readPage(
    db
      .selectFrom('tasks')
      .selectAll()
      .where((eb) => inNamespace(eb, namespace, filter, also)),
    filter,
    rowToTask,
  )

export const getTaskRow = (
  db: Kysely<Tables>,
  namespace: string,
  id: string,
): Promise<TaskRow | undefined> =>
  db
    .selectFrom('tasks')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('id', '=', id)
    .executeTakeFirst()

/** A task's history, oldest first. */
export async function notesOfTask(
  db: Kysely<Tables>,
  { namespace, id: task, state, endedBy, created, updated }: TaskRow,
): Promise<TaskNote[]> {
  const rows = await db
    .selectFrom('taskNotes')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('task', '=', task)
    .orderBy('seq')
    .limit(MAX_NOTES)
    .execute()
  return [
    { kind: 'opened', created: trimTime(created) },
    ...rows.map(rowToNote),
    ...(endedBy === null
      ? []
      : [{ kind: state, text: `decision ${endedBy}`, created: trimTime(updated) }]),
  ]
}

const MAX_NOTES = 1000

const rowToNote = ({ kind, actor, words, created }: TaskNoteRow): TaskNote => ({
  kind,
  ...(actor !== null && { actor }),
  ...(words !== null && { text: words }),
  created: trimTime(created),
})
