import { stepCodes, voidCodes } from '../fold/records.ts'
import { asList, type Checking } from './checking.ts'
import type { Path } from './path.ts'
import { suggest } from './suggest.ts'
import type { Effect, Step, Votes } from './types.ts'

/** Verdicts of the engine, of this version and of the rest of the format. */
const RESERVED_CODES: ReadonlySet<string> = new Set([
  ...stepCodes,
  ...voidCodes,
  'CHAIN_EVENT_NOT_FOUND',
  'HELD',
  'NO_RECEIPT',
  'NOTHING_TO_ATTEST',
  'NOT_ATTESTER',
  'SEAL_MISSING',
])

const MESSAGE_ARGUMENTS = ['value', 'tag', 'topic']

/** Every name must stand for something, and for one thing only. */
export function checkNames(checking: Checking): void {
  const { stages, state = {}, steps, deadlines = {}, govern = {} } = checking.definition
  checkCounts(checking)
  for (const [name, { initial, final }] of Object.entries(stages)) {
    checkStage(checking, name, initial, ['stages', name, 'initial'])
    for (const [i, stage] of final.entries()) {
      checkStage(checking, name, stage, ['stages', name, 'final', i])
    }
  }
  for (const [name, field] of Object.entries(state)) {
    checkRoles(checking, field.visible ?? [], ['state', name, 'visible'])
  }
  for (const [name, step] of Object.entries(steps)) checkStep(checking, name, step)
  for (const [name, deadline] of Object.entries(deadlines)) {
    const path = ['deadlines', name]
    checkStages(checking, { [deadline.track]: deadline.stage }, path, ['track'], ['stage'])
    checkStages(checking, deadline.to ?? {}, [...path, 'to'])
  }
  for (const kind of ['join', 'leave', 'migrate'] as const) {
    checkVotes(checking, govern[kind], ['govern', kind])
  }
  checkEffectIds(checking)
}

function checkCounts({ definition, findings }: Checking): void {
  for (const [name, { one, min, max }] of Object.entries(definition.roles)) {
    if (one === true && (min !== undefined || max !== undefined)) {
      const problem = '"min" and "max" go with "many", not with "one"'
      findings.add('ROLE_COUNT', ['roles', name], { problem })
    } else if (min !== undefined && max !== undefined && min > max) {
      const problem = `"min" (${min}) is above "max" (${max})`
      findings.add('ROLE_COUNT', ['roles', name], { problem })
    }
  }
}

function checkStep(checking: Checking, name: string, step: Step): void {
  const { definition, findings, effects } = checking
  const path = ['steps', name]
  checkRoles(checking, step.by, [...path, 'by'])
  for (const [i, role] of step.by.entries()) {
    const known = definition.roles[role]
    if (known?.observer === true) findings.add('OBSERVER_ACTS', [...path, 'by', i], { name: role })
  }
  checkStages(checking, step.in ?? {}, [...path, 'in'])
  checkStages(checking, step.to ?? {}, [...path, 'to'])
  checkCodes(checking, step, path)
  checkSealed(checking, name, step)
  for (const [i, effect] of (step.effects ?? []).entries()) {
    checkEffect(checking, effect, [...path, 'effects', i])
  }
  const { result, spawn, trigger } = step
  if (result !== undefined && !effects.has(result)) {
    const suggestion = suggest(result, effects)
    findings.add('UNKNOWN_EFFECT', [...path, 'result'], { name: result, suggestion })
  }
  checkVotes(checking, trigger?.oracle, [...path, 'trigger', 'oracle'])
  checkChild(checking, trigger?.child, [...path, 'trigger', 'child'])
  checkChild(checking, spawn?.child, [...path, 'spawn', 'child'])
}

function checkCodes(checking: Checking, step: Step, path: Path): void {
  const { findings } = checking
  const codes = new Set<string>()
  for (const [i, { code, attest }] of (step.when ?? []).entries()) {
    const place = [...path, 'when', i, 'code']
    if (RESERVED_CODES.has(code)) findings.add('RESERVED_CODE', place, { code })
    if (codes.has(code)) findings.add('CODE_TWICE', place, { code })
    codes.add(code)
    checkVotes(checking, attest, [...path, 'when', i, 'attest'])
  }
}

function checkSealed(checking: Checking, name: string, step: Step): void {
  const path = ['steps', name]
  for (const [key, roles] of Object.entries(step.visible ?? {})) {
    const place = [...path, 'visible', key]
    checkInputName(checking, name, key, place)
    checkRoles(checking, roles, place)
  }
  checkVotes(checking, step.receipt, [...path, 'receipt'])
}

/** The input must have such a property, unless it is open to any. */
export function checkInputName(checking: Checking, step: string, name: string, path: Path): void {
  const input = checking.inputs.get(step)
  const properties = input?.properties ?? {}
  if (Object.hasOwn(properties, name) || input?.additionalProperties !== false) return
  const suggestion = suggest(name, Object.keys(properties))
  checking.findings.add('UNKNOWN_INPUT', path, { name, suggestion })
}

function checkEffect(checking: Checking, effect: Effect, path: Path): void {
  const { definition, findings } = checking
  const { by, kind } = effect
  if (by !== '$author') {
    checkRoles(checking, [by], path, 'by')
    const role = definition.roles[by]
    if (role?.many === true) findings.add('PERFORMER', [...path, 'by'], { name: by })
  }
  if (kind !== 'message.private' && kind !== 'message.broadcast') return
  if (!Object.hasOwn(effect.with, 'value')) {
    findings.add('EFFECT_INCOMPLETE', [...path, 'with'], { kind, name: 'value' })
  }
  for (const name of Object.keys(effect.with)) {
    if (MESSAGE_ARGUMENTS.includes(name)) continue
    const suggestion = suggest(name, MESSAGE_ARGUMENTS)
    findings.add('EFFECT_ARGUMENT', [...path, 'with', name], { kind, name, suggestion })
  }
}

function checkEffectIds({ definition, findings }: Checking): void {
  const ids = new Set<string>()
  for (const [name, step] of Object.entries(definition.steps)) {
    for (const [i, { id }] of (step.effects ?? []).entries()) {
      const path = ['steps', name, 'effects', i, 'id']
      if (ids.has(id)) findings.add('EFFECT_TWICE', path, { name: id })
      ids.add(id)
    }
  }
}

function checkRoles(checking: Checking, names: readonly string[], path: Path, key?: string): void {
  for (const [i, name] of names.entries()) checkRoleName(checking, name, [...path, key ?? i])
}

/** There must be such a role. */
export function checkRoleName({ roles, findings }: Checking, name: string, path: Path): void {
  if (roles.includes(name)) return
  findings.add('UNKNOWN_ROLE', path, { name, suggestion: suggest(name, roles) })
}

function checkStages(
  checking: Checking,
  byTrack: { readonly [track: string]: string | readonly string[] },
  path: Path,
  trackAt?: Path,
  stageAt?: Path,
): void {
  const { definition, findings } = checking
  for (const [track, stages] of Object.entries(byTrack)) {
    if (!Object.hasOwn(definition.stages, track)) {
      const suggestion = suggest(track, Object.keys(definition.stages))
      findings.add('UNKNOWN_TRACK', [...path, ...(trackAt ?? [track])], { name: track, suggestion })
      continue
    }
    const place = [...path, ...(stageAt ?? [track])]
    for (const [i, stage] of asList(stages).entries()) {
      checkStage(checking, track, stage, typeof stages === 'string' ? place : [...place, i])
    }
  }
}

/** The track must have such a stage. */
export function checkStage(checking: Checking, track: string, name: string, path: Path): void {
  const values = checking.definition.stages[track]?.values ?? []
  if (values.includes(name)) return
  const suggestion = suggest(name, values)
  checking.findings.add('UNKNOWN_STAGE', path, { track, name, suggestion })
}

function checkVotes(checking: Checking, votes: Votes | undefined, path: Path): void {
  if (votes === undefined) return
  const { definition, findings } = checking
  checkRoles(checking, votes.by, [...path, 'by'])
  let most = 0
  for (const name of votes.by) {
    const role = definition.roles[name]
    most += role?.many === true ? (role.max ?? Infinity) : 1
  }
  if (votes.quorum > most) {
    findings.add('QUORUM', [...path, 'quorum'], { quorum: votes.quorum, most })
  }
}

function checkChild(
  { definition, findings }: Checking,
  name: string | undefined,
  path: Path,
): void {
  const children = Object.keys(definition.children ?? {})
  if (name === undefined || children.includes(name)) return
  const suggestion = suggest(name, children)
  findings.add('UNKNOWN_CHILD', path, { name, suggestion })
}
