import { NodeError } from '@concordat/protocol'
import { type JsonMap, parseStrict } from '@concordat/protocol/process'
import type { Wait } from '../namespace.ts'
import type { ProcessCommands, StepResult, StepWish } from '../processes/processes.ts'
import type { Database } from '../store/database.ts'
import { getTaskRow, type Submission, submissionOf } from '../store/tables/tasks.ts'
import type { TaskRow } from '../store/task-schema.ts'
import { TaskWrites, type TaskWritesDeps } from './task-writes.ts'

export interface SendStepDeps extends TaskWritesDeps {
  readonly database: Database
  readonly processes: Pick<ProcessCommands, 'submit' | 'tryOut'>
}

export const NO_WAIT: Wait = { confirm: false, timeoutMs: 0, signal: AbortSignal.abort() }

/** A task's step as it is submitted. */
export function wishOf(
  { process, role, party }: Pick<TaskRow, 'process' | 'role' | 'party'>,
  { step, input, intent }: Pick<Submission, 'step' | 'input' | 'intent'>,
): StepWish {
  const json = parseStrict(input) as JsonMap
  return { process, step, input: json, role: role ?? undefined, intent, author: party }
}

/**
 * Sends what a task in state `sent` holds; the same again is one message. What can't count as things stand is not sent,
 * and the task goes back to whoever has it.
 */
export async function sendStep(
  deps: SendStepDeps,
  row: TaskRow,
  wait: Wait,
): Promise<StepResult | undefined> {
  const submission = submissionOf(row)
  if (!submission) {
    await forget(deps, row)
    return undefined
  }
  const wish = wishOf(row, submission)
  try {
    const result = await deps.processes.submit(wish, NO_WAIT)
    const { message, decision } = result
    if (message === undefined) await giveBack(deps, row, decision?.code ?? 'refused')
    else await forget(deps, row)
    return message === undefined || !wait.confirm ? result : await deps.processes.submit(wish, wait)
  } catch (error) {
    if (!(error instanceof NodeError) || error.retryable || error.status >= 500) throw error
    // 408: it was sent, and nothing more came in time.
    if (error.status !== 408 && error.code !== 'FF10430') await giveBack(deps, row, error.message)
    if (error.code !== 'FF10430') throw error
    // Somebody else has just sent it.
    await forget(deps, row)
    return await deps.processes.submit(wish, wait)
  }
}

/** It is on its way: what becomes of it is for the fold to say. */
const forget = (deps: SendStepDeps, row: TaskRow): Promise<void> =>
  deps.database.transaction((tx) =>
    TaskWrites.use(deps, tx, async (writes) => writes.drop(row, 'submit')),
  )

const giveBack = (deps: SendStepDeps, { id }: TaskRow, problem: string): Promise<void> =>
  deps.database.transaction((tx) =>
    TaskWrites.use(deps, tx, async (writes) => {
      writes.drop({ id }, 'submit')
      const row = await getTaskRow(tx.db, deps.namespace, id)
      if (row?.state !== 'sent') return
      const state = row.assignee === null ? 'open' : 'claimed'
      const note = { kind: 'refused', words: problem }
      const decider = row.decider === null ? null : 'person'
      writes.change(row, { state, submission: null, problem, decider }, note)
    }),
  )
