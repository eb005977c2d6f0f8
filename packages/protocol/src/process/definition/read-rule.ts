import { builtIns } from '../rules/functions/table.ts'
import { parseRule } from '../rules/parser.ts'
import { compileRule, type Reference, type Rule } from '../rules/rule.ts'
import { RuleFault } from '../values/fault.ts'
import { checkComparisons } from './check-comparisons.ts'
import { checkInputName } from './check-names.ts'
import type { Checking } from './checking.ts'
import { type Label, labelOf } from './labels.ts'
import type { Path } from './path.ts'
import { suggest } from './suggest.ts'

/** Where an expression stands: what it may read follows from that. */
export type Scope =
  | { readonly kind: 'step'; readonly step: string }
  /** Assignments of a deadline: nobody takes it. */
  | { readonly kind: 'deadline' }
  /** A time that must not move by itself. */
  | { readonly kind: 'time' }

export interface Reading {
  readonly rule: Rule
  readonly label: Label
}

const ALWAYS = ['count', 'parties', 'stage', 'state']
const OF_DEADLINES = [...ALWAYS, 'deadline', 'n', 'now', 'op']
const VARIABLES = {
  step: [...OF_DEADLINES, 'event', 'input', 'me', 'role'],
  deadline: OF_DEADLINES,
  time: ALWAYS,
} as const
const WHY = {
  step: 'it comes with a trigger on the chain',
  deadline: 'nobody takes a step when a deadline fires',
  time: 'a time must stay the same until somebody takes a step',
} as const
/** Read only by name, so that every name can be checked. */
const BY_NAME = ['count', 'deadline', 'input', 'op', 'stage', 'state']

/** Stands in for a rule that cannot be read, until the faults are told. */
const NEVER: Rule = { text: '', reads: [], evaluate: () => null }

/** Compiles an expression and checks every name in it. */
export function readRule(checking: Checking, text: string, path: Path, scope: Scope): Reading {
  const rule = compile(checking, text, path)
  for (const reference of rule.reads) checkReference(checking, reference, path, scope)
  return {
    rule,
    label: labelOf(checking, rule.reads, scope.kind === 'step' ? scope.step : undefined),
  }
}

function compile(checking: Checking, text: string, path: Path): Rule {
  try {
    const rule = compileRule(text, { calendars: checking.calendars })
    checkComparisons(checking, parseRule(text), path)
    return rule
  } catch (error) {
    if (!(error instanceof RuleFault)) throw error
    tellSyntax(checking, error, path)
    return NEVER
  }
}

function tellSyntax({ findings, calendars }: Checking, error: RuleFault, path: Path): void {
  const { code, at, message } = error
  const reason = message.startsWith(`${code}: `) ? message.slice(code.length + 2) : code
  const tellUnknown = (fault: 'RULE_FUNCTION' | 'UNKNOWN_CALENDAR', known: object): void =>
    findings.add(fault, path, { name: reason, suggestion: suggest(reason, Object.keys(known)) })
  switch (code) {
    case 'RULE_TOO_LONG':
    case 'RULE_TOO_BIG':
    case 'RULE_TOO_DEEP':
      findings.add('RULE_TOO_LARGE', path, { problem: reason })
      break
    case 'UNKNOWN_FUNCTION':
      tellUnknown('RULE_FUNCTION', builtIns)
      break
    case 'UNKNOWN_CALENDAR':
      tellUnknown('UNKNOWN_CALENDAR', calendars)
      break
    case 'WRONG_ARGUMENTS':
      findings.add('RULE_ARITY', path, { problem: reason })
      break
    default:
      findings.add('RULE_SYNTAX', path, { problem: reason, at: at + 1 })
  }
}

function checkReference(checking: Checking, read: Reference, path: Path, scope: Scope): void {
  const { findings } = checking
  const { root, field } = read
  if (!VARIABLES.step.includes(root)) {
    const suggestion = suggest(root, VARIABLES[scope.kind])
    findings.add('UNKNOWN_VARIABLE', path, { name: root, suggestion })
  } else if (!isHere(checking, root, scope)) {
    const known = VARIABLES[scope.kind].filter((name) => name !== root).join(', ')
    findings.add('VARIABLE_NOT_HERE', path, { name: root, why: WHY[scope.kind], known })
  } else if (field === undefined) {
    if (BY_NAME.includes(root)) findings.add('VARIABLE_WHOLE', path, { name: root })
  } else if (root === 'input' && scope.kind === 'step') {
    checkInputName(checking, scope.step, field, path)
  } else checkField(checking, root, field, path)
}

function isHere({ definition }: Checking, root: string, scope: Scope): boolean {
  if (root !== 'event' || scope.kind !== 'step') return VARIABLES[scope.kind].includes(root)
  return definition.steps[scope.step]?.trigger?.chain !== undefined
}

function checkField(checking: Checking, root: string, field: string, path: Path): void {
  const known = knownNames(checking, root)
  if (known === undefined || known.names.includes(field)) return
  const { code, names } = known
  checking.findings.add(code, path, { name: field, suggestion: suggest(field, names) })
}

interface Known {
  readonly code:
    | 'UNKNOWN_FIELD'
    | 'UNKNOWN_TRACK'
    | 'UNKNOWN_ROLE'
    | 'UNKNOWN_EFFECT'
    | 'UNKNOWN_DEADLINE'
    | 'UNKNOWN_STEP'
  readonly names: readonly string[]
}

function knownNames(checking: Checking, root: string): Known | undefined {
  const { definition, roles, effects } = checking
  switch (root) {
    case 'state':
      return { code: 'UNKNOWN_FIELD', names: Object.keys(definition.state ?? {}) }
    case 'stage':
      return { code: 'UNKNOWN_TRACK', names: Object.keys(definition.stages) }
    case 'parties':
      return { code: 'UNKNOWN_ROLE', names: roles }
    case 'op':
      return { code: 'UNKNOWN_EFFECT', names: [...effects] }
    case 'deadline':
      return { code: 'UNKNOWN_DEADLINE', names: Object.keys(definition.deadlines ?? {}) }
    case 'count':
      return { code: 'UNKNOWN_STEP', names: Object.keys(definition.steps) }
    default:
      return undefined
  }
}
