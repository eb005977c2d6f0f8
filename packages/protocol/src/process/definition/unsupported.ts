import type { Findings } from './faults.ts'
import type { Path } from './path.ts'
import type { Definition, Effect, Guard, Step } from './types.ts'

/** What the format has and this version does not carry out, with what to do meanwhile. */
const INSTEAD = {
  visible: 'every party of the process sees all of it, so keep secrets out',
  receipt: 'without sealed inputs there is nothing to confirm',
  attest: 'let a rule read what all parties see',
  proof: 'let a rule read what all parties see',
  gap: 'a lost payload holds the process until somebody delivers it',
  migrate: 'running processes keep the version they began with',
  join: 'name all parties when the process starts',
  leave: 'name all parties when the process starts',
  late: 'name all parties when the process starts',
  children: 'start the other process by a program of your own',
  spawn: 'start the other process by a program of your own',
  'trigger.chain': 'let a program of a party watch the chain and take the step',
  'trigger.child': 'let a program of a party take the step when the other process ends',
  'trigger.oracle': 'let a named role take the step',
  'token.mint': 'let the named party do it, and report it with a step',
  'token.burn': 'let the named party do it, and report it with a step',
  'token.transfer': 'let the named party do it, and report it with a step',
  'token.approval': 'let the named party do it, and report it with a step',
  'contract.invoke': 'let the named party do it, and report it with a step',
  'effect.within': 'add a deadline to the stage that waits for it',
  'clock.quorum': 'write "clock: block"',
} as const

type Feature = keyof typeof INSTEAD
type Tell = (feature: Feature, path: Path) => void

/** Names each feature that this version cannot carry out. */
export function checkSupport(definition: Definition, findings: Findings): void {
  const tell: Tell = (feature, path) =>
    findings.add('NOT_YET', path, { feature, instead: INSTEAD[feature] })
  const { govern = {}, roles, state = {}, steps } = definition
  for (const feature of ['gap', 'migrate', 'join', 'leave'] as const) {
    if (govern[feature] !== undefined) tell(feature, ['govern', feature])
  }
  if (typeof govern.clock === 'object') tell('clock.quorum', ['govern', 'clock', 'quorum'])
  if (definition.migrate !== undefined) tell('migrate', ['migrate'])
  if (definition.children !== undefined) tell('children', ['children'])
  for (const [name, role] of Object.entries(roles)) {
    if (role.late === true) tell('late', ['roles', name, 'late'])
  }
  for (const [name, field] of Object.entries(state)) {
    if (field.visible !== undefined) tell('visible', ['state', name, 'visible'])
  }
  for (const [name, step] of Object.entries(steps)) checkStep(step, ['steps', name], tell)
}

function checkStep(step: Step, path: Path, tell: Tell): void {
  for (const feature of ['visible', 'receipt', 'spawn'] as const) {
    if (step[feature] !== undefined) tell(feature, [...path, feature])
  }
  for (const kind of ['chain', 'child', 'oracle'] as const) {
    if (step.trigger?.[kind] !== undefined) tell(`trigger.${kind}`, [...path, 'trigger', kind])
  }
  for (const [index, guard] of (step.when ?? []).entries()) {
    checkGuard(guard, [...path, 'when', index], tell)
  }
  for (const [index, effect] of (step.effects ?? []).entries()) {
    checkEffect(effect, [...path, 'effects', index], tell)
  }
}

function checkGuard(guard: Guard, path: Path, tell: Tell): void {
  for (const feature of ['attest', 'proof'] as const) {
    if (guard[feature] !== undefined) tell(feature, [...path, feature])
  }
}

function checkEffect({ kind, within }: Effect, path: Path, tell: Tell): void {
  if (kind !== 'message.private' && kind !== 'message.broadcast') tell(kind, [...path, 'kind'])
  if (within !== undefined) tell('effect.within', [...path, 'within'])
}
