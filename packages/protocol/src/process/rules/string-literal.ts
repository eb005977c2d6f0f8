import { RuleFault } from '../values/fault.ts'

interface ReadText {
  readonly value: string
  readonly end: number
}

const SIMPLE: Readonly<Record<string, string>> = {
  ...{ a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' },
  ...{ '\\': '\\', '?': '?', '"': '"', "'": "'", '`': '`' },
}

/** Digits of each numbered escape, by its letter. */
const NUMBERED: Readonly<Record<string, RegExp>> = {
  x: /[0-9a-fA-F]{2}/y,
  X: /[0-9a-fA-F]{2}/y,
  u: /[0-9a-fA-F]{4}/y,
  U: /[0-9a-fA-F]{8}/y,
}
const OCTAL = /[0-3][0-7]{2}/y

/** Reads CEL's text literal at `at`: either quote, single or triple, raw or with escapes. Throws `RuleFault`. */
export function readText(source: string, at: number): ReadText {
  let start = at
  while (source.charAt(start) !== '"' && source.charAt(start) !== "'") start++
  const prefix = source.slice(at, start).toLowerCase()
  if (prefix.includes('b')) throw new RuleFault('UNSUPPORTED', at, 'there are no bytes')
  if (prefix.length > 1) throw new RuleFault('RULE_SYNTAX', at, 'unexpected character')
  const single = source.charAt(start)
  const quote = source.startsWith(single.repeat(3), start) ? single.repeat(3) : single
  return readUntil(source, start + quote.length, { quote, raw: prefix === 'r', at })
}

interface Form {
  readonly quote: string
  readonly raw: boolean
  readonly at: number
}

function readUntil(source: string, from: number, { quote, raw, at }: Form): ReadText {
  let value = ''
  let i = from
  while (!source.startsWith(quote, i)) {
    const char = source.charAt(i)
    const breaksLine = char === '\n' || char === '\r'
    if (char === '' || (breaksLine && quote.length === 1)) {
      throw new RuleFault('RULE_SYNTAX', at, 'the text has no end')
    }
    if (char === '\\' && !raw) {
      const escaped = readEscape(source, i + 1)
      value += escaped.value
      i = escaped.end
    } else {
      value += char
      i++
    }
  }
  return { value, end: i + quote.length }
}

function readEscape(source: string, at: number): ReadText {
  const letter = source.charAt(at)
  if (Object.hasOwn(SIMPLE, letter)) return { value: SIMPLE[letter] ?? '', end: at + 1 }
  const numbered = Object.hasOwn(NUMBERED, letter) ? NUMBERED[letter] : undefined
  const pattern = numbered ?? OCTAL
  pattern.lastIndex = numbered === undefined ? at : at + 1
  const digits = pattern.exec(source)?.[0]
  if (digits === undefined) throw new RuleFault('BAD_LITERAL', at - 1, 'unknown escape')
  const code = Number.parseInt(digits, numbered === undefined ? 8 : 16)
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
    throw new RuleFault('BAD_LITERAL', at - 1, 'no such character')
  }
  return { value: String.fromCodePoint(code), end: pattern.lastIndex }
}
