import {
  type Decimal,
  isValid,
  type Json,
  type ProfileSchema,
  parseDecimal,
  parseInteger,
} from '@concordat/protocol/process'

/*
 * Keys begin with a letter for the kind of value, so that a comparison stays within its kind. Text order is value order:
 *   b0, b1        false, true
 *   n…            a number: 0 if it is negative, else 1; how many digits stand before its point; its digits
 *   s…            a text, by code points
 * Of a negative number every digit is replaced by what it lacks to nine, and a mark above all digits ends it: then more
 * digits are less.
 */

/** Longer texts are found, and ordered, by their beginning; in UTF-16 units. */
const MAX_TEXT = 255
const MOST = 99

/** What a value is found by; undefined for null, lists and objects, which are not. A schema tells numbers that are written as texts. */
export function keyOf(value: Json, schema?: ProfileSchema): string | undefined {
  switch (typeof value) {
    case 'boolean':
      return value ? 'b1' : 'b0'
    case 'number':
      return keyOfNumber(BigInt(value))
    case 'string':
      return isNumberText(value, schema) ? keyOfNumberText(value) : keyOfText(value)
    default:
      return undefined
  }
}

/** The keys of whatever a text that somebody writes may mean. */
export function keysOfText(text: string): readonly string[] {
  const number = keyOfNumberText(text)
  const flag = /^(true|false)$/.test(text) ? [text === 'true' ? 'b1' : 'b0'] : []
  return [...(number === undefined ? [] : [number]), ...flag, keyOfText(text)]
}

function isNumberText(text: string, schema: ProfileSchema | undefined): boolean {
  if (typeof schema !== 'object') return false
  if (schema.oneOf !== undefined) {
    return schema.oneOf.some((choice) => isValid(choice, text) && isNumberText(text, choice))
  }
  return schema.format === 'decimal' || schema.format === 'integer'
}

function keyOfText(text: string): string {
  const end = isHighSurrogate(text.charCodeAt(MAX_TEXT - 1)) ? MAX_TEXT - 1 : MAX_TEXT
  return `s${text.slice(0, end).toWellFormed().replaceAll('\0', '\ufffd')}`
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit < 0xdc00

function keyOfNumberText(text: string): string | undefined {
  try {
    return text.includes('.') ? keyOfDecimal(parseDecimal(text)) : keyOfNumber(parseInteger(text))
  } catch {
    return undefined
  }
}

const keyOfNumber = (int: bigint): string => numberKey(int < 0n, digitsOf(int), '')

function keyOfDecimal({ units, scale }: Decimal): string {
  const digits = digitsOf(units).padStart(scale, '0')
  const cut = digits.length - scale
  return numberKey(units < 0n, digits.slice(0, cut), digits.slice(cut))
}

const digitsOf = (int: bigint): string => (int < 0n ? -int : int).toString()

function numberKey(negative: boolean, whole: string, fraction: string): string {
  const before = whole === '0' ? '' : whole
  const digits = before + fraction.replace(/0+$/, '')
  if (!negative) return `n1${pad(before.length)}${digits}`
  const lacking = digits.replace(/\d/g, (digit) => String(9 - Number(digit)))
  return `n0${pad(MOST - before.length)}${lacking}~`
}

const pad = (count: number): string => String(count).padStart(2, '0')
