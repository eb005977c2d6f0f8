import type { FaultCode } from './fault-table.ts'

/** A way to spoil a sound definition, and what the loader must say of it. */
export interface Mistake {
  readonly code: FaultCode
  /** Where it is to be told. */
  readonly at: string
  /** The definition that is spoilt; `plain` unless said. */
  readonly base?: 'everything'
  /** Changes its copy, or gives another document. */
  // biome-ignore lint/suspicious/noExplicitAny: a mistake is whatever the types forbid
  readonly spoil: (d: any) => unknown
}

export const mistake = (
  code: FaultCode,
  at: string,
  spoil: Mistake['spoil'],
  base?: 'everything',
): Mistake => ({ code, at, spoil, ...(base === undefined ? {} : { base }) })

/** Puts a value where none or another was: `steps.agree.by.0`. */
export const put = (
  code: FaultCode,
  at: string,
  place: string,
  value: unknown,
  base?: 'everything',
): Mistake => mistake(code, at, (d) => change(d, place, value), base)

/** Leaves something out. */
export const drop = (code: FaultCode, at: string, place: string, base?: 'everything'): Mistake =>
  mistake(code, at, (d) => change(d, place, undefined), base)

// biome-ignore lint/suspicious/noExplicitAny: as above
function change(document: any, place: string, value: unknown): void {
  const keys = place.split('.')
  const last = keys.pop() ?? ''
  let owner = document
  for (const key of keys) owner = owner[key]
  if (value === undefined) delete owner[last]
  else owner[last] = value
}
