import { Decimal } from '../values/decimal.ts'
import type { Expression, Literal, Operator } from './ast.ts'

/** Text that `parseRule` reads as the same tree, with as few brackets as that takes. */
export const printRule = (expression: Expression): string => print(expression, 0)

const BINDING: Readonly<Record<Operator, number>> = {
  ...{ '||': 1, '&&': 2, '==': 3, '!=': 3, '<': 3, '<=': 3, '>': 3, '>=': 3, in: 3 },
  ...{ '+': 4, '-': 4, '*': 5, '/': 5, '%': 5 },
}
const UNARY = 6
const MEMBER = 7

/** `least` is how tightly the expression has to bind where it stands; below it, brackets are put around. */
function print(expression: Expression, least: number): string {
  const [text, binding] = parts(expression)
  return binding < least ? `(${text})` : text
}

function parts(node: Expression): [text: string, binding: number] {
  switch (node.kind) {
    case 'literal':
      return [printLiteral(node.value), MEMBER]
    case 'variable':
      return [node.name, MEMBER]
    case 'field':
      return [`${print(node.of, MEMBER)}.${node.name}`, MEMBER]
    case 'has':
      return [`has(${print(node.of, MEMBER)}.${node.name})`, MEMBER]
    case 'index':
      return [`${print(node.of, MEMBER)}[${print(node.key, 0)}]`, MEMBER]
    case 'not':
    case 'negate':
      return [printUnary(node.kind, node.of), UNARY]
    case 'binary': {
      const binding = BINDING[node.operator]
      const [left, right] = [print(node.left, binding), print(node.right, binding + 1)]
      return [`${left} ${node.operator} ${right}`, binding]
    }
    case 'choice': {
      const [condition, whenTrue] = [print(node.condition, 1), print(node.whenTrue, 1)]
      return [`${condition} ? ${whenTrue} : ${print(node.whenFalse, 0)}`, 0]
    }
    case 'list':
      return [`[${printAll(node.elements)}]`, MEMBER]
    case 'map':
      return [`{${node.entries.map(printEntry).join(', ')}}`, MEMBER]
    case 'call': {
      const receiver = node.receiver === undefined ? '' : `${print(node.receiver, MEMBER)}.`
      return [`${receiver}${node.name}(${printAll(node.args)})`, MEMBER]
    }
    case 'macro': {
      const rest = node.condition === undefined ? [node.body] : [node.condition, node.body]
      const over = print(node.over, MEMBER)
      return [`${over}.${node.macro}(${node.variable}, ${printAll(rest)})`, MEMBER]
    }
  }
}

const printAll = (expressions: readonly Expression[]): string =>
  expressions.map((expression) => print(expression, 0)).join(', ')

const printEntry = ([key, value]: readonly [Expression, Expression]): string =>
  `${print(key, 0)}: ${print(value, 0)}`

/** Signs of one kind may follow each other; of two kinds they may not. */
function printUnary(kind: 'not' | 'negate', of: Expression): string {
  return `${kind === 'not' ? '!' : '-'}${print(of, of.kind === kind ? UNARY : MEMBER)}`
}

function printLiteral(value: Literal['value']): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (value instanceof Decimal && value.scale === 0) return `${value}.0`
  return String(value)
}
