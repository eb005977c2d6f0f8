import { NodeError } from './node-error.ts'

/** As FireFly's clients read it: `CODE: text`; our facts stand beside it. */
export interface ErrorBody {
  readonly error: string
  readonly details?: Readonly<Record<string, string | number>>
}

/** HTTP status for anything thrown. */
export const errorStatus = (error: unknown): number =>
  error instanceof NodeError ? error.status : 500

/** What a caller is told. An error without a code shows nothing of the inside. */
export function errorBody(error: unknown): ErrorBody {
  if (!(error instanceof NodeError)) return { error: new NodeError('CC20001').message }
  if (Object.keys(error.details).length === 0) return { error: error.message }
  return { error: error.message, details: error.details }
}
