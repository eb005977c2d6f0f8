import {
  type Fault,
  faultTable,
  type LoadedDefinition,
  type LoadResult,
} from '@concordat/protocol/process'
import { loadYaml } from '@concordat/protocol/process/yaml'
import { Failure } from '../failure.ts'
import { parsePath, placeOf, placeOfCharacter, placeOfKey, placeOfWord } from './place.ts'
import { inOrder, type Place, plural, type Remark, readSource, type Source } from './source.ts'

/** A fault or a warning of a definition, with its place in the file. */
export interface Finding extends Remark {
  readonly kind: 'fault' | 'unsupported' | 'doubt'
  /** JSON path. */
  readonly path: string
}

export interface DefinitionFile {
  readonly file: string
  readonly outcome: LoadResult['outcome']
  readonly definition?: LoadedDefinition
  /** Faults and warnings, in the order of the file. */
  readonly findings: readonly Finding[]
}

/** Reads a definition with every check there is. */
export function readDefinitionFile(cwd: string, name: string): DefinitionFile {
  const source = readSource(cwd, name)
  const { result } = loadYaml(source.text)
  const { outcome, definition, faults, warnings } = result
  const problems = source.problems.map(
    (problem): Finding => ({ ...problem, kind: 'fault', path: '$' }),
  )
  const findings = [...faults, ...warnings].map((fault) => toFinding(source, fault))
  return {
    file: name,
    outcome,
    findings: inOrder(problems.length > 0 ? problems : findings),
    ...(definition && { definition }),
  }
}

/** A definition for commands that need a sound one. */
export function openDefinition(cwd: string, name: string): LoadedDefinition {
  const { definition, findings } = readDefinitionFile(cwd, name)
  if (definition !== undefined) return definition
  const faults = findings.filter(({ severity }) => severity === 'error')
  throw new Failure(
    `${name} has ${plural(faults.length, 'fault')}; see: concordat flow check ${name}`,
  )
}

function toFinding(source: Source, fault: Fault): Finding {
  const { kind } = faultTable[fault.code]
  const severity = kind === 'doubt' ? 'warning' : 'error'
  return { ...fault, kind, severity, ...placeOfFault(source, fault) }
}

/** As near as what the fault names: a key of an object, a character or a name in an expression. */
function placeOfFault(source: Source, fault: Fault): Place {
  const path = parsePath(fault.path)
  const { key, at, name } = detailsOf(fault)
  return (
    (key === undefined ? undefined : placeOfKey(source, path, key)) ??
    (at === undefined ? undefined : placeOfCharacter(source, path, Number(at) - 1)) ??
    (name === undefined ? undefined : placeOfWord(source, path, name)) ??
    placeOf(source, path)
  )
}

/** What was put into the holes of the fault's text. */
function detailsOf({ code, message }: Fault): { readonly [hole: string]: string | undefined } {
  const parts = faultTable[code].text.split(/\{(\w+)\}/)
  const holes = parts.filter((_, i) => i % 2 === 1)
  const pattern = parts.map((part, i) => (i % 2 === 1 ? '(.*)' : escapePattern(part))).join('')
  const found = new RegExp(`: ${pattern}\\.$`, 's').exec(message) ?? []
  return Object.fromEntries(holes.map((hole, i) => [hole, found[i + 1]]))
}

const escapePattern = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
