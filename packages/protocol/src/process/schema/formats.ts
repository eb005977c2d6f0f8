import { daysOfDate } from '../values/calendar.ts'
import { MAX_DIGITS } from '../values/decimal.ts'
import type { SchemaFormat } from './types.ts'

const DECIMAL = /^-?(0|[1-9][0-9]*)(?:\.([0-9]{1,18}))?$/
const INTEGER = /^-?(?:0|[1-9][0-9]{0,77})$/
const ZERO_BELOW_ZERO = /^-[0.]*$/
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const TIME =
  /^([0-9-]{10})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]{1,9})?(?:Z|[+-]([0-9]{2}):([0-9]{2}))$/
const URI = /^[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+$/
const DID = /^did:[a-z0-9]+:(?:[A-Za-z0-9._:/-]|%[0-9A-Fa-f]{2})*[A-Za-z0-9._/-]$/
const HASH = /^[0-9a-f]{64}$/
/** Ints of flow/1 are below this in size. */
const INTEGER_LIMIT = 2n ** 256n
/** Longer texts are of no format; so no check is ever long. */
const MAX_LENGTH = 2048

function isDecimal(text: string): boolean {
  const parts = DECIMAL.exec(text)
  if (parts === null || ZERO_BELOW_ZERO.test(text)) return false
  return (parts[1] ?? '').length + (parts[2] ?? '').length <= MAX_DIGITS
}

function isInteger(text: string): boolean {
  if (!INTEGER.test(text) || text === '-0') return false
  const value = BigInt(text)
  return value < INTEGER_LIMIT && value > -INTEGER_LIMIT
}

function isTime(text: string): boolean {
  const parts = TIME.exec(text)
  if (parts === null) return false
  const [, date = '', hour, minute, second, offsetHour = 0, offsetMinute = 0] = parts
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return false
  if (Number(offsetHour) > 23 || Number(offsetMinute) > 59) return false
  return daysOfDate(date) !== undefined
}

/** The formats of the profile. They never change within flow/1. */
export const formats: Readonly<Record<SchemaFormat, (text: string) => boolean>> = {
  date: (text) => daysOfDate(text) !== undefined,
  'date-time': isTime,
  decimal: isDecimal,
  did: (text) => DID.test(text),
  hash: (text) => HASH.test(text),
  integer: isInteger,
  uri: (text) => URI.test(text),
  uuid: (text) => UUID.test(text),
}

export const isFormat = (name: unknown): name is SchemaFormat =>
  typeof name === 'string' && Object.hasOwn(formats, name)

export const hasFormat = (text: string, format: SchemaFormat): boolean =>
  text.length <= MAX_LENGTH && formats[format](text)
