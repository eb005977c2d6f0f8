import type { InstanceState } from '@concordat/protocol/process'
import type { ProcessRow, ProcessWorkRow } from '../../store/process-schema.ts'

/** States of a `process_work` row. */
export type WorkState = 'open' | 'begun' | 'reporting' | 'done' | 'failed'

/** A row to be worked on, with the instance it is for. */
export interface Work {
  readonly row: ProcessWorkRow
  readonly process: ProcessRow
  readonly state: InstanceState
}

/** What came of working on a row. */
export interface Progress {
  readonly state: WorkState
  /** When to look again: `soon` for what is under way, `later` and later for what can't get on. */
  readonly again?: 'soon' | 'later'
  readonly reason?: string
  readonly reference?: string
  readonly intents?: number
}

/** Works on rows of one kind. May be asked again about the same row at any time, as after a crash. */
export interface WorkHandler {
  readonly kind: string
  work(work: Work): Promise<Progress>
}
