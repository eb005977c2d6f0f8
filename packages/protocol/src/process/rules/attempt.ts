import { RuleFault } from '../values/fault.ts'
import type { Code, Frame } from './frame.ts'
import { asBoolean } from './operators.ts'

/** The truth of a condition, or the fault that stands in its place. */
export function attempt(condition: Code, frame: Frame): boolean | RuleFault {
  try {
    return asBoolean(condition(frame))
  } catch (error) {
    if (!(error instanceof RuleFault) || error.final) throw error
    return error
  }
}
