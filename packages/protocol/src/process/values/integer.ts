import { fault } from './fault.ts'

/** Every int of flow/1 lies strictly between -INT_BOUND and INT_BOUND. */
export const INT_BOUND = 2n ** 256n

const TEXT = /^-?[0-9]{1,78}$/

/** The value itself; throws INT_OVERFLOW from 2^256 on. */
export function checkInt(value: bigint): bigint {
  if (value >= INT_BOUND || value <= -INT_BOUND) throw fault('INT_OVERFLOW')
  return value
}

/** An int from decimal digits, with an optional minus. Throws BAD_NUMBER or INT_OVERFLOW. */
export function parseInteger(text: string): bigint {
  if (!TEXT.test(text)) throw fault('BAD_NUMBER')
  return checkInt(BigInt(text))
}

/** True for the one text of an int that is canonical: no plus, no leading zeros, no `-0`. */
export const isCanonicalInteger = (text: string): boolean =>
  TEXT.test(text) &&
  BigInt(text).toString() === text &&
  BigInt(text) < INT_BOUND &&
  BigInt(text) > -INT_BOUND
