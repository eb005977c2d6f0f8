import { sha256Hex } from '#sha256'
import { canonicalJson } from '../values/canonical.ts'
import { STRICT_LIMITS } from '../values/parse-strict.ts'
import { checkLiveness } from './check-liveness.ts'
import { checkNames } from './check-names.ts'
import { checkSchemas } from './check-schemas.ts'
import { checkTimes, readCalendars, secondsOf } from './check-times.ts'
import { asList, type Checking } from './checking.ts'
import { copyJson, tooLarge } from './copy-json.ts'
import { Findings } from './faults.ts'
import { definitionShape } from './format.ts'
import { blindness } from './labels.ts'
import type { LoadedDeadline, LoadedDefinition, LoadedTrack, LoadResult } from './loaded.ts'
import { quote } from './path.ts'
import { readAssignments } from './read-assignments.ts'
import { readRule } from './read-rule.ts'
import { readStep } from './read-step.ts'
import type { Deadline, Definition } from './types.ts'
import { checkSupport } from './unsupported.ts'

/**
 * Reads a `flow/1` document, with every check there is. Never throws, and ends soon, whatever it is given. All members
 * come to the same outcome for the same document.
 */
export function loadDefinition(document: unknown): LoadResult {
  const findings = new Findings()
  const definition = read(document, findings)
  const { faults, warnings } = findings
  if (definition !== undefined && findings.count === 0) {
    return { outcome: 'loaded', definition, faults: [], warnings }
  }
  return { outcome: findings.unsupported ? 'unsupported' : 'refused', faults, warnings }
}

function read(document: unknown, findings: Findings): LoadedDefinition | undefined {
  if (!checkFlow(document, findings)) return undefined
  const json = copyJson(document, findings)
  if (json === undefined || !definitionShape.check(json, [], findings)) return undefined
  const text = canonicalJson(json)
  if (new TextEncoder().encode(text).length > STRICT_LIMITS.maxBytes) {
    tooLarge(findings)
    return undefined
  }
  return check(json, sha256Hex(text), findings)
}

/** Another version of the format is none of our business, not even its size. */
function checkFlow(document: unknown, findings: Findings): boolean {
  if (typeof document !== 'object' || document === null) return true
  const flow: unknown = Object.getOwnPropertyDescriptor(document, 'flow')?.value
  if (typeof flow !== 'string' || !/^flow\/[1-9][0-9]{0,5}$/.test(flow)) return true
  if (flow === 'flow/1') return true
  findings.add('UNKNOWN_FLOW', ['flow'], { value: quote(flow) })
  return false
}

function check(definition: Definition, hash: string, findings: Findings): LoadedDefinition {
  checkSupport(definition, findings)
  checkTimes(definition, findings)
  const effects = Object.values(definition.steps).flatMap((step) => step.effects ?? [])
  const checking: Checking = {
    definition,
    findings,
    roles: sorted(definition.roles).map(([name]) => name),
    effects: new Set(effects.map(({ id }) => id)),
    calendars: readCalendars(definition, findings),
    ...checkSchemas(definition, findings),
  }
  const before = findings.count
  checkNames(checking)
  const named = findings.count === before
  const loaded = build(checking, hash)
  if (named) checkLiveness(definition, findings)
  return loaded
}

function build(checking: Checking, hash: string): LoadedDefinition {
  const { definition, roles, fields, calendars } = checking
  const { stages, steps, deadlines = {}, state = {} } = definition
  checkRest(checking)
  return {
    document: definition,
    hash,
    roles,
    tracks: new Map(
      sorted(stages).map(([name, { initial, values, final }]): [string, LoadedTrack] => [
        name,
        { name, initial, values, final: new Set(final) },
      ]),
    ),
    fields: new Map(
      sorted(state).map(([name, field]) => [
        name,
        { name, schema: fields.get(name) ?? false, default: field.default ?? null },
      ]),
    ),
    steps: new Map(sorted(steps).map(([name, step]) => [name, readStep(checking, name, step)])),
    deadlines: new Map(
      sorted(deadlines).map(([name, deadline]) => [name, readDeadline(checking, name, deadline)]),
    ),
    calendars,
  }
}

function readDeadline(checking: Checking, name: string, deadline: Deadline): LoadedDeadline {
  const path = ['deadlines', name]
  const { track, stage, after = '', due, to = {} } = deadline
  const assignments = readAssignments(checking, deadline.do ?? [], [...path, 'do'], {
    kind: 'deadline',
  })
  const base = { name, track, stages: new Set(asList(stage)), assignments }
  const goals = new Map(Object.entries(to))
  if (due === undefined) return { ...base, due: { after: secondsOf(after) ?? 0n }, to: goals }
  const { rule, label } = readRule(checking, due, [...path, 'due'], { kind: 'time' })
  const leak = blindness(label, checking.roles)
  if (leak !== undefined) checking.findings.add('LEAK_DUE', [...path, 'due'], leak)
  return { ...base, due: { rule }, to: goals }
}

/** Expressions that only later versions carry out. */
function checkRest(checking: Checking): void {
  const { children = {}, migrate = [] } = checking.definition
  for (const [name, { parties }] of Object.entries(children)) {
    for (const [role, text] of Object.entries(parties)) {
      readRule(checking, text, ['children', name, 'parties', role], { kind: 'deadline' })
    }
  }
  for (const [i, migration] of migrate.entries()) {
    readAssignments(checking, migration.do ?? [], ['migrate', i, 'do'], { kind: 'deadline' })
  }
}

/** By name. Names are ASCII, so every order of texts is the same. */
const sorted = <T>(table: { readonly [name: string]: T }): readonly (readonly [string, T])[] =>
  Object.entries(table).sort(([a], [b]) => (a < b ? -1 : 1))
