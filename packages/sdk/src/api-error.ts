import {
  type ErrorCode,
  errors,
  type FlowFault,
  type Plain,
  type ProcessDecision,
} from '@concordat/protocol'

/** What stands beside an error's text. */
interface Said {
  readonly details?: Readonly<Record<string, unknown>>
  readonly decision?: Plain<ProcessDecision>
  readonly faults?: readonly FlowFault[]
}

/** A refusal by the node, or by what stands before it. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  /** HTTP status; 0 for what a node says on an open stream. */
  readonly status: number
  /** Such as `FF10109`; empty when the answer was not the node's own. */
  readonly code: string
  readonly details: Readonly<Record<string, unknown>>
  /** What was decided on a step that does not count: it names the winner, or the rule. */
  readonly decision: Plain<ProcessDecision> | undefined
  /** What is wrong in a definition, each with how to mend it. */
  readonly faults: readonly FlowFault[]

  /** `message` begins with the code, as the node wrote it: `FF10109: Not found`. */
  constructor(status: number, message: string, said: Said = {}) {
    super(message)
    this.status = status
    this.code = /^((?:FF|CC)\d{5}): /.exec(message)?.[1] ?? ''
    this.details = said.details ?? {}
    this.decision = said.decision
    this.faults = said.faults ?? []
  }

  /** True if the same call may succeed later without anything being changed. */
  get retryable(): boolean {
    return isErrorCode(this.code) ? errors[this.code].retryable : this.status >= 502
  }
}

const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(errors, code)

/** What the body of an answer says went wrong. */
export function toApiError(status: number, body: string): ApiError {
  try {
    const parsed: unknown = JSON.parse(body)
    if (typeof parsed === 'object' && parsed !== null && 'error' in parsed)
      // The node writes it by the same types.
      return new ApiError(status, String(parsed.error), parsed as Said)
  } catch {
    // Not the node's own words: those of a proxy, perhaps.
  }
  return new ApiError(status, `HTTP ${status}: ${body.slice(0, 200)}`)
}
