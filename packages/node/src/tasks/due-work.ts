import type { Database } from '../store/database.ts'
import { getTaskRow } from '../store/tables/tasks.ts'
import type { TaskRow, TaskWorkRow } from '../store/task-schema.ts'
import type { WorkKind } from './task-writes.ts'

export interface DueWork {
  readonly work: TaskWorkRow
  readonly task: TaskRow
}

export interface WorkDeps {
  readonly namespace: string
  readonly database: Database
}

/** What is to be done by now, the most overdue first. */
export async function findDueWork(
  { database, namespace }: WorkDeps,
  kinds: readonly WorkKind[],
  now: number,
  limit: number,
): Promise<readonly DueWork[]> {
  const rows = await database.read
    .selectFrom('taskWork')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('kind', 'in', kinds)
    .where('due', '<=', now)
    .orderBy('due')
    .limit(limit)
    .execute()
  const found = await Promise.all(
    rows.map(async (work) => {
      const task = await getTaskRow(database.read, namespace, work.task)
      return task ? [{ work, task }] : []
    }),
  )
  return found.flat()
}

/** Notes that work was tried, and when it is tried again. */
export const putOff = (
  { database, namespace }: WorkDeps,
  { task, kind, attempts, started }: TaskWorkRow,
  due: number,
): Promise<unknown> =>
  database.transaction(({ db }) =>
    db
      .updateTable('taskWork')
      .set({ attempts: attempts + 1, started, due })
      .where('namespace', '=', namespace)
      .where('task', '=', task)
      .where('kind', '=', kind)
      .execute(),
  )

/** How long to wait after so many attempts, in milliseconds. */
export const pauseAfter = (attempts: number): number => Math.min(250 * 2 ** attempts, 60_000)
