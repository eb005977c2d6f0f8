import { compareBytes } from '../../json/stringify.ts'
import type { Expression } from './ast.ts'
import type { Reference } from './rule.ts'

/** The variables that an expression reads, each once, in code-point order. */
export function findReferences(expression: Expression): Reference[] {
  const found = new Map<string, Reference>()
  collect(expression, [], (reference) => {
    found.set(`${reference.root}.${reference.field ?? ''}`, reference)
  })
  return [...found].sort(([a], [b]) => compareBytes(a, b)).map(([, reference]) => reference)
}

type Report = (reference: Reference) => void

function collect(node: Expression, bound: readonly string[], report: Report): void {
  const reference = referenceOf(node, bound)
  if (reference !== undefined) {
    report(reference)
    return
  }
  if (node.kind === 'macro') {
    collect(node.over, bound, report)
    const inner = [...bound, node.variable]
    if (node.condition !== undefined) collect(node.condition, inner, report)
    collect(node.body, inner, report)
    return
  }
  for (const part of partsOf(node)) collect(part, bound, report)
}

/** `root`, `root.field`, `root["field"]` or `has(root.field)`, unless a macro binds the root. */
function referenceOf(node: Expression, bound: readonly string[]): Reference | undefined {
  if (node.kind === 'variable') return bound.includes(node.name) ? undefined : { root: node.name }
  const field = fieldOf(node)
  if (field === undefined || bound.includes(field.root)) return undefined
  return field
}

function fieldOf(node: Expression): Reference | undefined {
  if (node.kind === 'field' || node.kind === 'has') {
    return node.of.kind === 'variable' ? { root: node.of.name, field: node.name } : undefined
  }
  if (node.kind !== 'index' || node.of.kind !== 'variable') return undefined
  if (node.key.kind !== 'literal' || typeof node.key.value !== 'string') return undefined
  return { root: node.of.name, field: node.key.value }
}

/** The expressions directly inside; none of a macro, whose variable must be minded. */
export function partsOf(node: Expression): readonly Expression[] {
  switch (node.kind) {
    case 'literal':
    case 'variable':
      return []
    case 'field':
    case 'has':
    case 'not':
    case 'negate':
      return [node.of]
    case 'index':
      return [node.of, node.key]
    case 'binary':
      return [node.left, node.right]
    case 'choice':
      return [node.condition, node.whenTrue, node.whenFalse]
    case 'list':
      return node.elements
    case 'map':
      return node.entries.flat()
    case 'call':
      return node.receiver === undefined ? node.args : [node.receiver, ...node.args]
    case 'macro':
      return []
  }
}
