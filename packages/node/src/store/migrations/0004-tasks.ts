import type { Migration } from '../migrate.ts'
import { createShape } from './in-dialect.ts'

const tables: readonly string[] = [
  `tasks (
    seq int primary key, namespace text not null, id text not null, process text not null, flow text not null,
    name text not null, version text not null, step text not null, role text, party text not null, title text,
    state text not null, priority text, group_name text, assignee text, since int not null, n int not null, due text,
    submission text, problem text, decider text, ended_by int, created text not null, updated text not null)`,
  `task_notes (
    seq int primary key, namespace text not null, task text not null, kind text not null, actor text, words text,
    created text not null)`,
  `task_work (
    namespace text not null, task text not null, kind text not null, due int not null, attempts int not null,
    started int, primary key (namespace, task, kind)) clustered`,
]

const indexes: readonly string[] = [
  'unique tasks_id on tasks (namespace, id)',
  'tasks_open on tasks (namespace, process) where ended_by is null',
  'tasks_state on tasks (namespace, state, seq)',
  'tasks_assignee on tasks (namespace, assignee) where assignee is not null',
  'task_notes_task on task_notes (namespace, task, seq)',
  'task_work_due on task_work (namespace, kind, due)',
]

/** What people and programs of this node are to decide. */
export const tasks: Migration = {
  name: '0004-tasks',
  up: (db, dialect) => createShape(db, dialect, { tables, indexes }),
}
