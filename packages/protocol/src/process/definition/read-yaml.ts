import { type LineCounter, LineCounter as Lines, parseDocument } from 'yaml'
import { STRICT_LIMITS } from '../values/parse-strict.ts'
import { tooLarge } from './copy-json.ts'
import { Findings } from './faults.ts'
import { loadDefinition } from './load.ts'
import type { LoadResult } from './loaded.ts'

export interface YamlDefinition {
  /** What was written, as JSON data; undefined if it is not YAML. */
  readonly document?: unknown
  readonly result: LoadResult
}

/**
 * Reads and loads a definition written in YAML 1.2. Only this entry needs a YAML reader: what is hashed, sent and
 * decided is the JSON.
 */
export function loadYaml(text: string): YamlDefinition {
  const findings = new Findings()
  const document = readYaml(text, findings)
  if (document === undefined) {
    return { result: { outcome: 'refused', faults: findings.faults, warnings: [] } }
  }
  return { document, result: loadDefinition(document) }
}

function readYaml(text: string, findings: Findings): unknown {
  if (text.length > STRICT_LIMITS.maxBytes) {
    tooLarge(findings)
    return undefined
  }
  const lines: LineCounter = new Lines()
  try {
    const document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      stringKeys: true,
      version: '1.2',
    })
    for (const { message, pos } of [...document.errors, ...document.warnings]) {
      const { line, col } = lines.linePos(pos[0])
      findings.add('YAML_SYNTAX', [], { problem: `line ${line}, column ${col}: ${message}` })
    }
    const value: unknown = findings.count === 0 ? document.toJS({ maxAliasCount: 100 }) : undefined
    return findings.count === 0 ? (value ?? null) : undefined
  } catch (error) {
    // Nested too deep for the reader, or too many aliases.
    const problem = error instanceof Error ? error.message : 'it cannot be read'
    findings.add('YAML_SYNTAX', [], { problem })
    return undefined
  }
}
