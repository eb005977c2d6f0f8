import type { Decimal } from '../values/decimal.ts'

export type Operator =
  | '||'
  | '&&'
  | '=='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | 'in'
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'

export type MacroName = 'all' | 'exists' | 'exists_one' | 'map' | 'filter'

interface Node {
  /** UTF-16 offset into the rule's text. */
  readonly at: number
}

export interface Literal extends Node {
  readonly kind: 'literal'
  /** Numbers are never negative: a minus is an operator. */
  readonly value: null | boolean | string | bigint | Decimal
}

export interface Variable extends Node {
  readonly kind: 'variable'
  readonly name: string
}

/** `of.name`, or `has(of.name)`. */
export interface Field extends Node {
  readonly kind: 'field' | 'has'
  readonly of: Expression
  readonly name: string
}

export interface Index extends Node {
  readonly kind: 'index'
  readonly of: Expression
  readonly key: Expression
}

export interface Unary extends Node {
  readonly kind: 'not' | 'negate'
  readonly of: Expression
}

export interface Binary extends Node {
  readonly kind: 'binary'
  readonly operator: Operator
  readonly left: Expression
  readonly right: Expression
}

/** `condition ? whenTrue : whenFalse`. */
export interface Choice extends Node {
  readonly kind: 'choice'
  readonly condition: Expression
  readonly whenTrue: Expression
  readonly whenFalse: Expression
}

export interface ListLiteral extends Node {
  readonly kind: 'list'
  readonly elements: readonly Expression[]
}

export interface MapLiteral extends Node {
  readonly kind: 'map'
  readonly entries: readonly (readonly [key: Expression, value: Expression])[]
}

/** `name(args)`, or `receiver.name(args)`. */
export interface Call extends Node {
  readonly kind: 'call'
  readonly name: string
  readonly receiver: Expression | undefined
  readonly args: readonly Expression[]
}

/** `over.macro(variable, body)`, or `over.map(variable, condition, body)`. */
export interface Macro extends Node {
  readonly kind: 'macro'
  readonly macro: MacroName
  readonly over: Expression
  readonly variable: string
  readonly condition: Expression | undefined
  readonly body: Expression
}

export type Expression =
  | Literal
  | Variable
  | Field
  | Index
  | Unary
  | Binary
  | Choice
  | ListLiteral
  | MapLiteral
  | Call
  | Macro
