import { ownRole, type StepTaking, takeStep } from './take-step.ts'
import type { WorkHandler } from './work.ts'

/** `content` of rows of kind `schedule`. */
export interface ScheduleContent {
  readonly step: string
  /** DID. */
  readonly author: string
}

/** Takes steps whose time has come. */
export const createScheduleHandler = (deps: StepTaking): WorkHandler => ({
  kind: 'schedule',
  async work(work) {
    const { row, state } = work
    const { step, author }: ScheduleContent = JSON.parse(row.content)
    const role = ownRole(state, step, author)
    const wish = { process: row.process, step, author, role, input: {} }
    return await takeStep(deps, work, wish, 'open')
  },
})
