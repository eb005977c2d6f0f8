import type { Value } from '../values/value.ts'
import type { Meter } from './meter.ts'

/** What one evaluation works on. */
export interface Frame {
  readonly env: { readonly [root: string]: Value }
  readonly meter: Meter
  /** The variables of the macros around, by how deep they stand. */
  readonly slots: Value[]
}

/** A compiled expression. */
export type Code = (frame: Frame) => Value
