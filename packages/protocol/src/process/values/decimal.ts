import { fault } from './fault.ts'

export const MAX_DIGITS = 56
export const MAX_FRACTION_DIGITS = 18

/** How `round` and `div` choose between two neighbours; UP and DOWN are away from and towards zero. */
export type RoundingMode = 'UP' | 'DOWN' | 'HALF_UP' | 'HALF_EVEN'

const TEXT = /^(-?)([0-9]{1,56})(?:\.([0-9]{1,18}))?$/
const POWERS: readonly bigint[] = Array.from({ length: 160 }, (_, i) => 10n ** BigInt(i))
const LIMIT = 10n ** BigInt(MAX_DIGITS)

const powerOf10 = (exponent: number): bigint => POWERS[exponent] ?? 10n ** BigInt(exponent)

/** An exact decimal number, `units / 10^scale`, without trailing zeros. */
export class Decimal {
  readonly units: bigint
  readonly scale: number

  /** Use `makeDecimal`, which normalises and checks. */
  constructor(units: bigint, scale: number) {
    this.units = units
    this.scale = scale
  }

  /** The canonical text: no exponent, no leading or trailing zeros, no `-0`. */
  toString(): string {
    if (this.scale === 0) return this.units.toString()
    const negative = this.units < 0n
    const digits = (negative ? -this.units : this.units).toString().padStart(this.scale + 1, '0')
    return `${negative ? '-' : ''}${digits.slice(0, -this.scale)}.${digits.slice(-this.scale)}`
  }
}

/** `units / 10^scale` in its one form. Throws DECIMAL_OVERFLOW beyond 56 digits or 18 of fraction. */
export function makeDecimal(units: bigint, scale: number): Decimal {
  let whole = units
  let digits = scale
  while (digits > 0 && whole % 10n === 0n) {
    whole /= 10n
    digits--
  }
  if (digits > MAX_FRACTION_DIGITS || whole >= LIMIT || whole <= -LIMIT) {
    throw fault('DECIMAL_OVERFLOW')
  }
  return new Decimal(whole, digits)
}

/** A decimal from its text. Throws BAD_NUMBER or DECIMAL_OVERFLOW. */
export function parseDecimal(text: string): Decimal {
  const parts = TEXT.exec(text)
  if (parts === null) throw fault('BAD_NUMBER')
  const [, sign = '', whole = '', fraction = ''] = parts
  const units = BigInt(whole + fraction)
  return makeDecimal(sign === '-' ? -units : units, fraction.length)
}

/** True for the one text of a decimal that is canonical. */
export function isCanonicalDecimal(text: string): boolean {
  const parts = TEXT.exec(text)
  if (parts === null) return false
  const [, , whole = '', fraction = ''] = parts
  if (whole.length > 1 && whole.startsWith('0')) return false
  if (fraction.endsWith('0') || text === '-0') return false
  return whole.length + fraction.length <= MAX_DIGITS || whole === '0'
}

/** An int as a decimal. Throws DECIMAL_OVERFLOW beyond 56 digits. */
export const toDecimal = (value: bigint | Decimal): Decimal =>
  value instanceof Decimal ? value : makeDecimal(value, 0)

const unitsAt = (value: Decimal, scale: number): bigint =>
  value.units * powerOf10(scale - value.scale)

export function addDecimals(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale)
  return makeDecimal(unitsAt(a, scale) + unitsAt(b, scale), scale)
}

export function subtractDecimals(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale)
  return makeDecimal(unitsAt(a, scale) - unitsAt(b, scale), scale)
}

export const multiplyDecimals = (a: Decimal, b: Decimal): Decimal =>
  makeDecimal(a.units * b.units, a.scale + b.scale)

export const negateDecimal = (value: Decimal): Decimal => new Decimal(-value.units, value.scale)

/** Negative, zero or positive, as `a` is below, at or above `b`. Ints of any size take part. */
export function compareNumbers(a: bigint | Decimal, b: bigint | Decimal): number {
  const [aUnits, aScale] = a instanceof Decimal ? [a.units, a.scale] : [a, 0]
  const [bUnits, bScale] = b instanceof Decimal ? [b.units, b.scale] : [b, 0]
  if (aScale === bScale) return compareInts(aUnits, bUnits)
  if (aScale < bScale) return compareInts(aUnits * powerOf10(bScale - aScale), bUnits)
  return compareInts(aUnits, bUnits * powerOf10(aScale - bScale))
}

const compareInts = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0)

/** To `scale` fraction digits (0 to 18). */
export function roundDecimal(value: Decimal, scale: number, mode: RoundingMode): Decimal {
  if (value.scale <= scale) return value
  return makeDecimal(divideUnits(value.units, powerOf10(value.scale - scale), mode), scale)
}

/** `a / b`, rounded once, to `scale` fraction digits (0 to 18). Throws DIVIDE_BY_ZERO. */
export function divideDecimals(a: Decimal, b: Decimal, scale: number, mode: RoundingMode): Decimal {
  if (b.units === 0n) throw fault('DIVIDE_BY_ZERO')
  const up = a.units * powerOf10(scale + b.scale)
  const down = b.units * powerOf10(a.scale)
  return makeDecimal(divideUnits(down < 0n ? -up : up, down < 0n ? -down : down, mode), scale)
}

/** The integral part, towards zero. */
export const truncateDecimal = (value: Decimal): bigint => value.units / powerOf10(value.scale)

/** `units / by`, by above zero, as a whole number. */
function divideUnits(units: bigint, by: bigint, mode: RoundingMode): bigint {
  const quotient = units / by
  const rest = units % by
  const remainder = rest < 0n ? -rest : rest
  if (remainder === 0n || !goesUp(quotient, remainder * 2n, by, mode)) return quotient
  return units < 0n ? quotient - 1n : quotient + 1n
}

function goesUp(quotient: bigint, twice: bigint, by: bigint, mode: RoundingMode): boolean {
  if (mode === 'UP') return true
  if (mode === 'DOWN') return false
  if (mode === 'HALF_UP') return twice >= by
  return twice > by || (twice === by && quotient % 2n !== 0n)
}
