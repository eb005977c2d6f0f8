import type { ProfileSchema, ProfileSchemaObject } from '../schema/types.ts'
import type { Calendars } from '../values/calendar.ts'
import type { Findings } from './faults.ts'
import type { Definition } from './types.ts'

/** What the checks of one definition share. Names of the document are safe to look up: nothing in it has a prototype. */
export interface Checking {
  readonly definition: Definition
  readonly findings: Findings
  readonly roles: readonly string[]
  /** Ids of all effects. */
  readonly effects: ReadonlySet<string>
  readonly fields: ReadonlyMap<string, ProfileSchema>
  /** Inputs by step, closed unless the definition opens them. */
  readonly inputs: ReadonlyMap<string, ProfileSchemaObject>
  readonly calendars: Calendars
}

/** One or several, as a list. */
export const asList = <T extends string>(value: T | readonly T[]): readonly T[] =>
  typeof value === 'string' ? [value] : value
