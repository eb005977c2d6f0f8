import type { Expression } from '../rules/ast.ts'
import { partsOf } from '../rules/references.ts'
import { checkRoleName, checkStage } from './check-names.ts'
import type { Checking } from './checking.ts'
import type { Path } from './path.ts'

/**
 * A role or a stage that is compared with a text must be able to be that text: `stage.main == "agreeed"` would never hold,
 * and nobody would be told.
 */
export function checkComparisons(
  checking: Checking,
  expression: Expression,
  path: Path,
  bound: readonly string[] = [],
): void {
  const within = (part: Expression, names = bound): void =>
    checkComparisons(checking, part, path, names)
  if (expression.kind === 'macro') {
    const inner = [...bound, expression.variable]
    within(expression.over)
    if (expression.condition !== undefined) within(expression.condition, inner)
    within(expression.body, inner)
    return
  }
  if (expression.kind === 'binary') {
    const { operator, left, right } = expression
    const check = (subject: Expression, texts: readonly string[]): void =>
      checkTexts(checking, subject, texts, path, bound)
    if (operator === '==' || operator === '!=') {
      check(left, textsOf(right))
      check(right, textsOf(left))
    } else if (operator === 'in' && right.kind === 'list') {
      check(left, right.elements.flatMap(textsOf))
    }
  }
  for (const part of partsOf(expression)) within(part)
}

function textsOf(expression: Expression): readonly string[] {
  if (expression.kind !== 'literal' || typeof expression.value !== 'string') return []
  return [expression.value]
}

function checkTexts(
  checking: Checking,
  subject: Expression,
  texts: readonly string[],
  path: Path,
  bound: readonly string[],
): void {
  if (subject.kind === 'variable' && subject.name === 'role' && !bound.includes('role')) {
    for (const text of texts) checkRoleName(checking, text, path)
  }
  if (subject.kind !== 'field' || subject.of.kind !== 'variable') return
  if (subject.of.name !== 'stage' || bound.includes('stage')) return
  if (checking.definition.stages[subject.name] === undefined) return
  for (const text of texts) checkStage(checking, subject.name, text, path)
}
