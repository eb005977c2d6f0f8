import type { Rule } from '../rules/rule.ts'
import { asList, type Checking } from './checking.ts'
import { blindness } from './labels.ts'
import type { LoadedAssignment, LoadedEffect, LoadedGuard, LoadedStep } from './loaded.ts'
import type { Path } from './path.ts'
import { readAssignments } from './read-assignments.ts'
import { readRule, type Scope } from './read-rule.ts'
import type { Effect, Guard, Step } from './types.ts'

/** Compiles a step, and checks that everybody who must know what its expressions give can compute them. */
export function readStep(checking: Checking, name: string, step: Step): LoadedStep {
  const path = ['steps', name]
  const scope: Scope = { kind: 'step', step: name }
  const guards = (step.when ?? []).map((guard, i) =>
    readGuard(checking, guard, [...path, 'when', i], scope),
  )
  const assignments = readAssignments(checking, step.do ?? [], [...path, 'do'], scope)
  const output = readTable(checking, step.output ?? {}, [...path, 'output'], scope, 'LEAK_OUTPUT')
  const effects = (step.effects ?? []).map((effect, i) =>
    readEffect(checking, effect, [...path, 'effects', i], scope),
  )
  readTable(checking, step.spawn?.with ?? {}, [...path, 'spawn', 'with'], scope, 'LEAK_EFFECT')
  checkReceipt(checking, name, step, assignments)
  const schedule = readSchedule(checking, step, path)
  return {
    name,
    by: new Set(step.by),
    in: new Map(
      Object.entries(step.in ?? {}).map(([track, stages]) => [track, new Set(asList(stages))]),
    ),
    to: new Map(Object.entries(step.to ?? {})),
    input: checking.inputs.get(name) ?? false,
    guards,
    assignments,
    output,
    effects,
    ...(schedule === undefined ? {} : { schedule }),
    document: step,
  }
}

function readGuard(checking: Checking, guard: Guard, path: Path, scope: Scope): LoadedGuard {
  const { findings, roles } = checking
  const { code, message, attest, proof } = guard
  const { rule, label } = readRule(checking, guard.rule, [...path, 'rule'], scope)
  for (const [i, input] of (proof?.inputs ?? []).entries()) {
    readRule(checking, input, [...path, 'proof', 'inputs', i], scope)
  }
  if (attest !== undefined) {
    const blind = blindness(label, attest.by)
    if (blind !== undefined) findings.add('BLIND_ATTESTER', [...path, 'attest', 'by'], blind)
  } else if (proof === undefined) {
    const leak = blindness(label, roles)
    if (leak !== undefined) findings.add('LEAK_RULE', [...path, 'rule'], leak)
  }
  return { code, rule, ...(message === undefined ? {} : { message }) }
}

function readTable(
  checking: Checking,
  expressions: { readonly [name: string]: string },
  path: Path,
  scope: Scope,
  code: 'LEAK_OUTPUT' | 'LEAK_EFFECT',
): ReadonlyMap<string, Rule> {
  const rules = new Map<string, Rule>()
  for (const name of Object.keys(expressions).sort()) {
    const place = [...path, name]
    const { rule, label } = readRule(checking, expressions[name] ?? '', place, scope)
    const leak = blindness(label, checking.roles)
    if (leak !== undefined) checking.findings.add(code, place, leak)
    rules.set(name, rule)
  }
  return rules
}

function readEffect(checking: Checking, effect: Effect, path: Path, scope: Scope): LoadedEffect {
  const { id, kind, by } = effect
  const place = [...path, 'with']
  return { id, kind, by, with: readTable(checking, effect.with, place, scope, 'LEAK_EFFECT') }
}

function checkReceipt(
  checking: Checking,
  name: string,
  step: Step,
  assignments: readonly LoadedAssignment[],
): void {
  const { findings } = checking
  const path = ['steps', name]
  const attested = step.when?.some((guard) => guard.attest !== undefined) === true
  for (const [key, audience] of Object.entries(step.visible ?? {})) {
    const reads = `input.${key}`
    if (step.receipt !== undefined) {
      const blind = blindness([{ name: reads, audience }], step.receipt.by)
      if (blind !== undefined) findings.add('BLIND_RECEIPT', [...path, 'receipt', 'by'], blind)
    } else if (!attested && assignments.some((assignment) => readsInput(assignment, key))) {
      findings.add('NO_RECEIPT', [...path, 'visible', key], { reads })
    }
  }
}

const readsInput = ({ value, index, condition }: LoadedAssignment, key: string): boolean =>
  [value, index, condition].some((rule) =>
    rule?.reads.some(({ root, field }) => root === 'input' && field === key),
  )

function readSchedule(checking: Checking, step: Step, path: Path): Rule | undefined {
  const text = step.trigger?.schedule
  if (text === undefined) return undefined
  const place = [...path, 'trigger', 'schedule']
  const { rule, label } = readRule(checking, text, place, { kind: 'time' })
  const leak = blindness(label, checking.roles)
  if (leak !== undefined) checking.findings.add('LEAK_DUE', place, leak)
  return rule
}
