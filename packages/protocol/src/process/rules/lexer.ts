import { RuleFault } from '../values/fault.ts'
import { RULE_LIMITS } from './limits.ts'
import { readText } from './string-literal.ts'
import type { Token } from './token.ts'

const SPACE = /(?:[\t\n\f\r ]+|\/\/[^\n]*)*/y
const NUMBER = /0[xX][0-9a-fA-F]+|[0-9]+(?:\.[0-9]+)?/y
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y
const SIGN = /&&|\|\||[=!<>]=|[-+*/%<>!?:.,()[\]{}]/y
const TEXT_START = /[rRbB]{0,2}["']/y

/** The tokens of a rule, the last one of kind `end`. Throws `RuleFault`. */
export function readTokens(text: string): Token[] {
  if (text.length > RULE_LIMITS.length) {
    throw new RuleFault(
      'RULE_TOO_LONG',
      RULE_LIMITS.length,
      `at most ${RULE_LIMITS.length} characters`,
    )
  }
  if (!text.isWellFormed()) throw new RuleFault('RULE_SYNTAX', 0, 'half a surrogate pair')
  const tokens: Token[] = []
  let at = skipSpace(text, 0)
  while (at < text.length) {
    const [token, end] = readToken(text, at)
    tokens.push(token)
    at = skipSpace(text, end)
  }
  tokens.push({ kind: 'end', text: '', at })
  return tokens
}

const skipSpace = (text: string, at: number): number => at + match(SPACE, text, at).length

function readToken(text: string, at: number): [Token, number] {
  if (match(TEXT_START, text, at) !== '') {
    const { value, end } = readText(text, at)
    return [{ kind: 'text', text: value, at }, end]
  }
  const number = match(NUMBER, text, at)
  if (number !== '') return [readNumber(text, at, number), at + number.length]
  const name = match(NAME, text, at)
  if (name !== '') return [{ kind: 'name', text: name, at }, at + name.length]
  const sign = match(SIGN, text, at)
  if (sign === '') throw new RuleFault('RULE_SYNTAX', at, 'unexpected character')
  return [{ kind: 'sign', text: sign, at }, at + sign.length]
}

function readNumber(text: string, at: number, number: string): Token {
  if (match(NAME, text, at + number.length) !== '') {
    throw new RuleFault('UNSUPPORTED', at, 'numbers are written as 12, 0xC or 1.5')
  }
  return { kind: number.includes('.') ? 'decimal' : 'integer', text: number, at }
}

function match(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0] ?? ''
}
