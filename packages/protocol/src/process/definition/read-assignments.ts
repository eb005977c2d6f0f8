import type { Checking } from './checking.ts'
import { blindness } from './labels.ts'
import type { LoadedAssignment } from './loaded.ts'
import { type Path, quote } from './path.ts'
import { readRule, type Scope } from './read-rule.ts'
import { suggest } from './suggest.ts'
import type { Assignment } from './types.ts'

const TARGET = /^([A-Za-z][A-Za-z0-9_]*)(?:\[(.+)\])?$/s

/** Compiles assignments. What a field is set to must be known to everybody who may read the field. */
export function readAssignments(
  checking: Checking,
  assignments: readonly Assignment[],
  path: Path,
  scope: Scope,
): readonly LoadedAssignment[] {
  const whole = new Set<string>()
  return assignments.map((assignment, i) => {
    const place = [...path, i]
    const loaded = readAssignment(checking, assignment, place, scope)
    const { field, index, condition } = loaded
    if (index === undefined && condition === undefined) {
      if (whole.has(field)) checking.findings.add('SET_TWICE', [...place, 'set'], { name: field })
      whole.add(field)
    }
    return loaded
  })
}

function readAssignment(
  checking: Checking,
  assignment: Assignment,
  path: Path,
  scope: Scope,
): LoadedAssignment {
  const { findings } = checking
  const at = [...path, 'set']
  const [, field = '', key] = TARGET.exec(assignment.set) ?? []
  if (field === '') findings.add('SET_SYNTAX', at, { value: quote(assignment.set) })
  else if (!checking.fields.has(field)) {
    const suggestion = suggest(field, checking.fields.keys())
    findings.add('UNKNOWN_FIELD', at, { name: field, suggestion })
  }
  const read = (text: string | undefined, place: Path) =>
    text === undefined ? undefined : readRule(checking, text, place, scope)
  const value = readRule(checking, assignment.to, [...path, 'to'], scope)
  const index = read(key, at)
  const condition = read(assignment.if, [...path, 'if'])
  const label = [value, index, condition].flatMap((reading) => reading?.label ?? [])
  const readers = checking.definition.state?.[field]?.visible ?? checking.roles
  const leak = blindness(label, readers)
  if (leak !== undefined) findings.add('LEAK_SET', path, { name: field, ...leak })
  return {
    field,
    value: value.rule,
    ...(index === undefined ? {} : { index: index.rule }),
    ...(condition === undefined ? {} : { condition: condition.rule }),
  }
}
