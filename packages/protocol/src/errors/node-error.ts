import type { FlowFault, ProcessDecision } from '../model/process.ts'
import { type ErrorCode, errors } from './errors.ts'

type Holes<T extends string> = T extends `${string}{${infer K}}${infer Rest}`
  ? K | Holes<Rest>
  : never

/** What fills the holes of a code's text. */
export type ErrorDetails<C extends ErrorCode> = Readonly<
  Record<Holes<(typeof errors)[C]['text']>, string | number>
>

/** What stands beside an error's text in an answer. */
export interface ErrorFacts {
  /** What was decided on a step that does not count. */
  readonly decision?: ProcessDecision
  /** What is wrong in a definition, or doubtful. */
  readonly faults?: readonly FlowFault[]
  readonly warnings?: readonly FlowFault[]
}

interface Options extends ErrorOptions {
  readonly facts?: ErrorFacts
}

type Rest<C extends ErrorCode> = [Holes<(typeof errors)[C]['text']>] extends [never]
  ? [details?: ErrorDetails<C>, options?: Options]
  : [details: ErrorDetails<C>, options?: Options]

/** Every error with a meaning for a caller. Its message begins with its code: `FF10109: Not found`. */
export class NodeError<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'NodeError'
  readonly code: C
  readonly details: Readonly<Record<string, string | number>>
  readonly facts: ErrorFacts

  constructor(code: C, ...[details, options]: Rest<C>) {
    const values: Readonly<Record<string, string | number>> = details ?? {}
    const text = errors[code].text.replace(/\{(\w+)\}/g, (_, key: string) => String(values[key]))
    super(`${code}: ${text}`, options)
    this.code = code
    this.details = values
    this.facts = options?.facts ?? {}
  }

  /** HTTP status. */
  get status(): number {
    return errors[this.code].status
  }

  /** True if the same call may succeed later without anything being changed. */
  get retryable(): boolean {
    return errors[this.code].retryable
  }
}
