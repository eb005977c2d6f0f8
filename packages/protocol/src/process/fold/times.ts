import { createMeter } from '../rules/meter.ts'
import { findMisplacement, findStanding } from './check.ts'
import { evaluateTime } from './situation.ts'
import type { InstanceState } from './state.ts'

/** When the next deadline falls due, in Unix seconds: in a later second a tick fires it. */
export const nextDeadline = ({ situation, stop }: InstanceState): number | undefined =>
  stop === undefined ? situation.dues.find(({ fired }) => !fired)?.at : undefined

/** A step that a program is to submit at a time. */
export interface ScheduledStep {
  readonly step: string
  /** Unix seconds. */
  readonly at: number
}

/** The steps with a schedule whose stages hold. A party that may take one submits it then; whoever is first wins. */
export function scheduledSteps({
  frame,
  situation,
  stop,
}: InstanceState): readonly ScheduledStep[] {
  if (stop !== undefined || findStanding(situation) !== undefined) return []
  const meter = createMeter()
  const scheduled: ScheduledStep[] = []
  for (const step of frame.definition.steps.values()) {
    if (step.schedule === undefined) continue
    const misplaced = findMisplacement(situation, { step, author: '' })
    const at = evaluateTime(frame, situation, step.schedule, meter)
    if (misplaced !== 'WRONG_STAGE' && at !== undefined) scheduled.push({ step: step.name, at })
  }
  return scheduled
}
