import { type ErrorFacts, NodeError } from './node-error.ts'

/** As FireFly's clients read it: `CODE: text`; our facts stand beside it. */
export interface ErrorBody extends ErrorFacts {
  readonly error: string
  readonly details?: Readonly<Record<string, string | number>>
}

/** HTTP status for anything thrown. */
export const errorStatus = (error: unknown): number =>
  error instanceof NodeError ? error.status : 500

/** What a caller is told. An error without a code shows nothing of the inside. */
export function errorBody(error: unknown): ErrorBody {
  if (!(error instanceof NodeError)) return { error: new NodeError('CC20001').message }
  const { message, details, facts } = error
  return { error: message, ...(Object.keys(details).length > 0 && { details }), ...facts }
}
