import { NodeError, parseHash, parseTime, parseUuid, timeToMs } from '@concordat/protocol'
import { type FieldSpec, isNotText } from './filter-fields.ts'

export type Operator = '=' | '>' | '>=' | '<' | '<=' | 'contains' | 'starts' | 'ends'
export type Value = string | number | bigint

/** One comparison. `negate` turns its outcome round, except for rows without a value: those never match. */
export type Test =
  | { readonly operator: 'null'; readonly negate: boolean }
  | {
      readonly operator: Operator
      readonly negate: boolean
      /** Case of ASCII letters does not count; `value` is in lower case then. */
      readonly insensitive: boolean
      readonly value: Value
    }

/** What is asked of one field. */
export interface Condition {
  readonly field: FieldSpec
  /** True: every test must hold; false: any. */
  readonly all: boolean
  readonly tests: readonly Test[]
}

interface Parts {
  negate: boolean
  insensitive: boolean
  emptyIsNull: boolean
  all: boolean
  operator: Operator
  rest: string
}

const MODIFIERS = new Set(['!', ':', '?', '[', ']'])
const OPERATORS: Readonly<Record<string, Operator>> = {
  '=': '=',
  '@': 'contains',
  '^': 'starts',
  $: 'ends',
}

export function parseCondition(
  name: string,
  field: FieldSpec,
  texts: readonly string[],
): Condition {
  const parts = texts.map(split)
  return {
    field,
    all: parts.some(({ all }) => all),
    tests: parts.map((part) => toTest(name, field, part)),
  }
}

/** Modifiers in any order, then at most one operator; what follows is the text to match. */
function split(text: string): Parts {
  const parts: Parts = {
    negate: false,
    insensitive: false,
    emptyIsNull: false,
    all: false,
    operator: '=',
    rest: '',
  }
  let at = 0
  for (; at < text.length; at++) {
    const char = text[at] ?? ''
    if (!MODIFIERS.has(char)) break
    modify(parts, char)
  }
  const order = /^(?:>>|<<|>=|<=|>|<)/.exec(text.slice(at, at + 2))?.[0]
  const operator = order === undefined ? OPERATORS[text[at] ?? ''] : orderOperator(order)
  parts.operator = operator ?? '='
  parts.rest = text.slice(at + (order?.length ?? (operator === undefined ? 0 : 1)))
  return parts
}

function modify(parts: Parts, char: string): void {
  if (char === '!') parts.negate = true
  else if (char === ':') parts.insensitive = true
  else if (char === '?') parts.emptyIsNull = true
  else parts.all = char === '['
}

function orderOperator(text: string): Operator {
  if (text === '>=' || text === '<=') return text
  return text.startsWith('>') ? '>' : '<'
}

const isOrder = (operator: Operator): boolean =>
  operator.startsWith('>') || operator.startsWith('<')

function toTest(name: string, field: FieldSpec, parts: Parts): Test {
  const { negate, insensitive, emptyIsNull, operator, rest } = parts
  if (isOrder(operator) && (negate || insensitive || emptyIsNull)) {
    throw new NodeError('FF00193', { operator })
  }
  const value = emptyIsNull && rest === '' ? null : readValue(name, field, parts)
  if (value === undefined) {
    throw new NodeError('FF00143', { field: name, value: rest.slice(0, 100) })
  }
  if (value === null) {
    if (operator !== '=') throw new NodeError('FF00144', { field: name })
    return { operator: 'null', negate }
  }
  return { operator, negate, insensitive, value: insensitive ? lowerAscii(String(value)) : value }
}

const LOOKS_INSIDE: ReadonlySet<Operator> = new Set(['contains', 'starts', 'ends'])

/** Null: the text says that there is no value. Undefined: it can't be a value of this field. */
function readValue(name: string, field: FieldSpec, parts: Parts): Value | null | undefined {
  const { operator, insensitive, rest } = parts
  if (!LOOKS_INSIDE.has(operator) && !insensitive) return parseValue(field, rest, operator)
  if (isNotText(field.kind)) throw new NodeError('FF00145', { field: name })
  return plain(rest)
}

/** Databases fold the case of ASCII letters only. */
const lowerAscii = (text: string): string =>
  text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())

function parseValue(
  { kind }: FieldSpec,
  rest: string,
  operator: Operator,
): Value | null | undefined {
  switch (kind) {
    case 'text':
    case 'list':
    case 'json':
    case 'value':
      return plain(rest)
    case 'uuid':
      return rest === '' ? null : parseUuid(rest)
    case 'hash':
      return rest === '' ? null : parseHash(rest)
    case 'time':
      return rest === '' ? null : readTime(rest)
    case 'seconds':
      return rest === '' ? null : readSeconds(rest, operator)
    case 'integer':
      return readInteger(rest)
    case 'boolean':
      return rest.toLowerCase() === 'true' ? 1 : 0
  }
}

/** No row holds U+0000 (Postgres can't), and half a surrogate pair is kept as U+FFFD. */
const plain = (text: string): string | undefined =>
  text.includes('\0') ? undefined : text.toWellFormed()

function readTime(text: string): string | undefined {
  try {
    return parseTime(text)
  } catch {
    return undefined
  }
}

/** The whole second that compares as the time would; no time is 0. */
function readSeconds(text: string, operator: Operator): number | undefined {
  const time = readTime(text)
  if (time === undefined) return undefined
  const second = Math.floor(timeToMs(time) / 1000)
  if (time.endsWith('.000000000Z') || operator === '>' || operator === '<=') return second
  return operator === '=' ? -1 : second + 1
}

const INTEGER = /^[+-]?(?:0[xX][0-9a-fA-F]{1,16}|\d{1,30})$/

function readInteger(text: string): number | bigint | undefined {
  if (!INTEGER.test(text)) return undefined
  const digits = BigInt(text.replace(/^[+-]/, ''))
  const value = text.startsWith('-') ? -digits : digits
  if (value !== BigInt.asIntN(64, value)) return undefined
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}
