import { type InboxTaskDetail, NodeError, RawJson } from '@concordat/protocol'
import { publicSchema } from '@concordat/protocol/process'
import type { Bindings } from '../config/bindings.ts'
import type { Spine } from '../processes/spine.ts'
import type { Database } from '../store/database.ts'
import { latestDecisions } from '../store/tables/decisions.ts'
import { getProcess } from '../store/tables/processes.ts'
import { getTaskRow, notesOfTask, rowToTask } from '../store/tables/tasks.ts'
import { bindingOf } from './bound.ts'

export interface DescribeTaskDeps {
  readonly namespace: string
  readonly database: Database
  readonly spine: Pick<Spine, 'find'>
  readonly bindings: () => Bindings
}

/** Decisions that are shown beside a task. */
const MAX_DECISIONS = 10

/** A task with what is needed to decide it. Throws FF10143 if there is none. */
export async function describeTask(deps: DescribeTaskDeps, id: string): Promise<InboxTaskDetail> {
  const { namespace, database, spine } = deps
  const row = await getTaskRow(database.read, namespace, id)
  const view = row && (await getProcess(database.read, namespace, row.process))
  if (!view) throw new NodeError('FF10143', { what: id })
  const step = (await spine.find(row.process))?.state?.frame.definition.steps.get(row.step)
  const bound = bindingOf(deps.bindings(), row)?.tasks.get(row.step)
  const hint = step?.document.task?.ui
  const form = bound?.form ?? (hint && JSON.stringify(hint))
  return {
    ...rowToTask(row),
    ...(step?.document.help !== undefined && { help: step.document.help }),
    input: new RawJson(JSON.stringify(step ? publicSchema(step.input) : NO_INPUT)),
    ...(form !== undefined && { form: new RawJson(form) }),
    fourEyes: bound?.fourEyes === true,
    view,
    decisions: await latestDecisions(database.read, namespace, row.process, MAX_DECISIONS),
    history: await notesOfTask(database.read, row),
  }
}

const NO_INPUT = { type: 'object', additionalProperties: false }
