import { NodeError } from '../errors/node-error.ts'

const PADDED = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/
const CANONICAL = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{0,8}[1-9])?Z$/
const RFC3339 =
  /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,](\d+))?(?:Z|([+-])(\d\d):(\d\d))$/
const INTEGER = /^[+-]?\d{1,19}$/
const SECONDS_LENGTH = 19

/** Nine fraction digits, so that text order is time order: how times are kept. */
export function padTime(text: string): string {
  if (text.length === 30) return text
  const fraction = text.slice(SECONDS_LENGTH + 1, -1)
  return `${text.slice(0, SECONDS_LENGTH)}.${fraction.padEnd(9, '0')}Z`
}

/** No trailing zeros in the fraction: how times are sent and hashed. */
export function trimTime(text: string): string {
  let end = text.length - 1
  if (text.length <= SECONDS_LENGTH + 1) return text
  while (text.charCodeAt(end - 1) === 0x30) end--
  return `${text.slice(0, end === SECONDS_LENGTH + 1 ? SECONDS_LENGTH : end)}Z`
}

/** Milliseconds since 1970, and nanoseconds within the millisecond, as RFC 3339 without trailing zeros. */
export function formatTime(ms: number, nanos = 0): string {
  const text = new Date(ms).toISOString()
  if (nanos === 0) return trimTime(text)
  return trimTime(`${text.slice(0, -1)}${String(nanos).padStart(6, '0')}Z`)
}

/** Milliseconds since 1970, of a time as kept or as sent. */
export const timeToMs = (text: string): number =>
  Date.parse(`${padTime(text).slice(0, SECONDS_LENGTH + 4)}Z`)

/** A time as a caller may write it, as kept: RFC 3339, or Unix seconds, milliseconds or nanoseconds. Throws FF00136. */
export function parseTime(input: string | number): string {
  if (typeof input === 'number') {
    if (!Number.isFinite(input)) throw new NodeError('FF00136', { input })
    return fromUnix(BigInt(Math.trunc(input)), input)
  }
  if (CANONICAL.test(input) || PADDED.test(input)) {
    if (isRealDate(input)) return padTime(input)
    throw new NodeError('FF00136', { input })
  }
  if (INTEGER.test(input)) return fromUnix(BigInt(input), input)
  return fromText(input)
}

/** A received time, as sent: what a member that reads and writes it again would write. Throws FF00136. */
export const normalTime = (text: string): string =>
  CANONICAL.test(text) && isRealDate(text) ? text : trimTime(parseTime(text))

function fromUnix(value: bigint, input: string | number): string {
  const nanos =
    value < 10_000_000_000n
      ? value * 1_000_000_000n
      : value < 1_000_000_000_000_000n
        ? value * 1_000_000n
        : value
  const ms = nanos / 1_000_000n - (nanos % 1_000_000n < 0n ? 1n : 0n)
  const rest = Number(nanos - ms * 1_000_000n)
  if (ms < -62_135_596_800_000n || ms > 253_402_300_799_999n) {
    throw new NodeError('FF00136', { input })
  }
  return padTime(formatTime(Number(ms), rest))
}

function fromText(input: string): string {
  const parts = RFC3339.exec(input)
  if (parts === null || !isRealDate(input)) throw new NodeError('FF00136', { input })
  const [, , , , , , , fraction = '', sign, hours = '0', minutes = '0'] = parts
  if (Number(hours) > 23 || Number(minutes) > 59) throw new NodeError('FF00136', { input })
  const offset = (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === '-' ? -1 : 1)
  const utc = Date.parse(`${input.slice(0, SECONDS_LENGTH)}Z`) - offset
  const second = new Date(utc).toISOString()
  if (second.length !== 24) throw new NodeError('FF00136', { input })
  return `${second.slice(0, SECONDS_LENGTH)}.${fraction.slice(0, 9).padEnd(9, '0')}Z`
}

/** Whether the calendar has such a day and the clock such a second. */
function isRealDate(text: string): boolean {
  const part = (from: number, to: number): number => Number(text.slice(from, to))
  const month = part(5, 7)
  const day = part(8, 10)
  if (part(11, 13) > 23 || part(14, 16) > 59 || part(17, 19) > 59) return false
  if (month < 1 || month > 12 || day < 1) return false
  return day <= 28 || day <= daysOfMonth(part(0, 4), month)
}

function daysOfMonth(year: number, month: number): number {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
}
