import { parseDecimal } from '../values/decimal.ts'
import { RuleFault } from '../values/fault.ts'
import { checkInt } from '../values/integer.ts'
import type { Expression, Literal, Macro, MacroName, Operator } from './ast.ts'
import { readTokens } from './lexer.ts'
import { RULE_LIMITS } from './limits.ts'
import { RESERVED, type Token } from './token.ts'

/** Loosest first. All are left-associative. */
const LEVELS: readonly (readonly Operator[])[] = [
  ['||'],
  ['&&'],
  ['==', '!=', '<', '<=', '>', '>=', 'in'],
  ['+', '-'],
  ['*', '/', '%'],
]

const MACROS: readonly MacroName[] = ['all', 'exists', 'exists_one', 'map', 'filter']

/** Reads a rule of CEL's syntax within flow/1's limits. Throws `RuleFault`. */
export const parseRule = (text: string): Expression => new Parser(text).whole()

class Parser {
  readonly #tokens: readonly Token[]
  #next = 0
  #nodes = 0
  #depth = 0

  constructor(text: string) {
    this.#tokens = readTokens(text)
  }

  whole(): Expression {
    const expression = this.#expression()
    if (this.#token.kind !== 'end') this.#fail('unexpected text after the expression')
    return expression
  }

  get #token(): Token {
    const token = this.#tokens[this.#next] ?? this.#tokens.at(-1)
    return token ?? { kind: 'end', text: '', at: 0 }
  }

  #expression(): Expression {
    if (this.#depth >= RULE_LIMITS.depth) {
      throw new RuleFault('RULE_TOO_DEEP', this.#token.at, `at most ${RULE_LIMITS.depth} deep`)
    }
    this.#depth++
    const condition = this.#binary(0)
    const { at } = this.#token
    let result = condition
    if (this.#eat('?')) {
      const whenTrue = this.#binary(0)
      this.#need(':')
      result = this.#made({
        kind: 'choice',
        condition,
        whenTrue,
        whenFalse: this.#expression(),
        at,
      })
    }
    this.#depth--
    return result
  }

  #binary(level: number): Expression {
    const operators = LEVELS[level]
    if (operators === undefined) return this.#unary()
    let left = this.#binary(level + 1)
    for (;;) {
      const { kind, text, at } = this.#token
      const operator = operators.find((candidate) => candidate === text)
      if (operator === undefined || kind === 'text') return left
      this.#next++
      left = this.#made({ kind: 'binary', operator, left, right: this.#binary(level + 1), at })
    }
  }

  /** `!` or `-`, repeated but not mixed, as in CEL's grammar. */
  #unary(): Expression {
    const sign = this.#is('!') ? '!' : '-'
    const places: number[] = []
    while (this.#is(sign)) {
      places.push(this.#token.at)
      this.#next++
    }
    let result = this.#member()
    for (const at of places.reverse()) {
      result = this.#made({ kind: sign === '!' ? 'not' : 'negate', of: result, at })
    }
    return result
  }

  #member(): Expression {
    let of = this.#primary()
    for (;;) {
      const { at } = this.#token
      if (this.#eat('.')) {
        of = this.#selected(of, at)
      } else if (this.#eat('[')) {
        const key = this.#expression()
        this.#need(']')
        of = this.#made({ kind: 'index', of, key, at })
      } else {
        return of
      }
    }
  }

  #selected(of: Expression, at: number): Expression {
    const { kind, text: name } = this.#token
    if (kind !== 'name' || isKeyword(name)) this.#fail('expected a name')
    this.#next++
    if (!this.#eat('(')) return this.#made({ kind: 'field', of, name, at })
    const args = this.#list(')', false)
    const macro = MACROS.find((candidate) => candidate === name)
    if (macro !== undefined) return this.#made(makeMacro(macro, of, args, at))
    return this.#made({ kind: 'call', name, receiver: of, args, at })
  }

  #primary(): Expression {
    const token = this.#token
    this.#next++
    if (token.kind === 'name') return this.#named(token.text, token.at)
    if (token.kind === 'end') return this.#failAt(token.at, 'unexpected end')
    if (token.kind === 'sign') return this.#bracketed(token.text, token.at)
    return this.#made({ kind: 'literal', value: literalOf(token), at: token.at })
  }

  #named(name: string, at: number): Expression {
    if (name === 'null') return this.#made({ kind: 'literal', value: null, at })
    if (name === 'true' || name === 'false') {
      return this.#made({ kind: 'literal', value: name === 'true', at })
    }
    if (name === 'in' || RESERVED.has(name)) this.#failAt(at, `${name} is a reserved word`)
    if (this.#is('{')) throw new RuleFault('UNSUPPORTED', at, 'there are no messages')
    if (!this.#eat('(')) return this.#made({ kind: 'variable', name, at })
    const args = this.#list(')', false)
    if (name !== 'has') return this.#made({ kind: 'call', name, receiver: undefined, args, at })
    const [field] = args
    if (args.length !== 1 || field?.kind !== 'field') this.#failAt(at, 'write has(value.field)')
    return this.#made({ ...field, kind: 'has', at })
  }

  #bracketed(sign: string, at: number): Expression {
    if (sign === '(') {
      const inner = this.#expression()
      this.#need(')')
      return inner
    }
    if (sign === '[') return this.#made({ kind: 'list', elements: this.#list(']', true), at })
    if (sign === '{') return this.#made({ kind: 'map', entries: this.#entries(), at })
    return this.#failAt(at, 'expected a value')
  }

  #list(end: string, trailingComma: boolean): Expression[] {
    const elements: Expression[] = []
    while (!this.#eat(end)) {
      elements.push(this.#expression())
      if (this.#eat(end)) break
      this.#need(',')
      if (!trailingComma && this.#is(end)) this.#fail('expected a value')
    }
    return elements
  }

  #entries(): (readonly [Expression, Expression])[] {
    const entries: (readonly [Expression, Expression])[] = []
    while (!this.#eat('}')) {
      const key = this.#expression()
      this.#need(':')
      entries.push([key, this.#expression()])
      if (this.#eat('}')) break
      this.#need(',')
    }
    return entries
  }

  #made(node: Expression): Expression {
    this.#nodes++
    if (this.#nodes > RULE_LIMITS.nodes) {
      throw new RuleFault('RULE_TOO_BIG', node.at, `at most ${RULE_LIMITS.nodes} nodes`)
    }
    return node
  }

  #is(sign: string): boolean {
    return this.#token.kind === 'sign' && this.#token.text === sign
  }

  #eat(sign: string): boolean {
    if (!this.#is(sign)) return false
    this.#next++
    return true
  }

  #need(sign: string): void {
    if (!this.#eat(sign)) this.#fail(`expected ${sign}`)
  }

  #fail(reason: string): never {
    return this.#failAt(this.#token.at, reason)
  }

  #failAt(at: number, reason: string): never {
    throw new RuleFault('RULE_SYNTAX', at, reason)
  }
}

const isKeyword = (name: string): boolean =>
  name === 'in' || name === 'null' || name === 'true' || name === 'false'

function literalOf({ kind, text, at }: Token): Literal['value'] {
  if (kind === 'text') return text
  try {
    return kind === 'decimal' ? parseDecimal(text) : checkInt(BigInt(text))
  } catch {
    throw new RuleFault('BAD_LITERAL', at, 'the number is too large')
  }
}

function makeMacro(
  macro: MacroName,
  over: Expression,
  args: readonly Expression[],
  at: number,
): Macro {
  const [variable, ...rest] = args
  const body = rest.at(-1)
  if (variable?.kind !== 'variable') {
    throw new RuleFault('RULE_SYNTAX', at, `write ${macro}(name, expression)`)
  }
  if (body === undefined || rest.length > (macro === 'map' ? 2 : 1)) {
    throw new RuleFault('WRONG_ARGUMENTS', at, macro)
  }
  const condition = rest.length === 2 ? rest[0] : undefined
  return { kind: 'macro', macro, over, variable: variable.name, condition, body, at }
}
