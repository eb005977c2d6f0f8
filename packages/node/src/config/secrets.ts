import { resolve } from 'node:path'
import { fault, type Place, within } from './spec.ts'

/** Where references in the configuration lead. */
export interface SecretSources {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Throws if there is no such file. */
  readonly readFile: (path: string) => string
}

const reference = /\$\{(env|file):([^}]*)\}/g
// Deeper than any configuration; keeps a file that refers to itself from being walked for ever.
const maxDepth = 32

/**
 * Replaces `${env:NAME}` and `${file:path}` in every text of a parsed file; a file's last line break is left out. What
 * cannot be found becomes a fault and an empty text.
 */
export function resolveSecrets(raw: unknown, place: Place, sources: SecretSources): unknown {
  return walk(raw, place, sources, 0)
}

function walk(raw: unknown, place: Place, sources: SecretSources, depth: number): unknown {
  if (typeof raw === 'string')
    return raw.replace(reference, (_, kind: string, name: string) =>
      find(kind, name, place, sources),
    )
  if (typeof raw !== 'object' || raw === null) return raw
  if (depth === maxDepth) {
    fault(place, 'nested too deep', 'write it flatter')
    return undefined
  }
  if (Array.isArray(raw)) {
    return raw.map((value: unknown, i) =>
      walk(value, { ...place, path: `${place.path}[${i}]` }, sources, depth + 1),
    )
  }
  return Object.fromEntries(
    Object.entries(raw).map(([key, value]: [string, unknown]) => [
      key,
      walk(value, within(place, key), sources, depth + 1),
    ]),
  )
}

function find(kind: string, name: string, place: Place, sources: SecretSources): string {
  if (kind === 'env') {
    const value = Object.hasOwn(sources.env, name) ? sources.env[name] : undefined
    if (value === undefined)
      fault(place, `environment variable ${name} is not set`, 'set it, or write the value')
    return value ?? ''
  }
  const path = resolve(place.baseDir, name)
  try {
    return sources.readFile(path).replace(/\r?\n$/, '')
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    fault(place, `file ${path} cannot be read (${reason})`, 'write the file, or correct the path')
    return ''
  }
}
