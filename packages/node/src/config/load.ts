import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { NodeError } from '@concordat/protocol'
import { parse } from 'yaml'
import { type Bindings, noBindings, readBindings } from './bindings.ts'
import { type ConfigResult, faultsToText, type NodeConfig, parseConfig } from './config.ts'
import { environment } from './env.ts'
import { resolveSecrets } from './secrets.ts'
import type { Fault } from './spec.ts'
import type { AdapterSchemas } from './table-plugins.ts'

/** Reads the file of a node. Throws CC20401 with the whole list of faults. */
export function loadConfig(file: string, adapters: AdapterSchemas): NodeConfig {
  const result = readConfig(file, adapters)
  if (result.ok) return result.config
  throw new NodeError('CC20401', { faults: faultsToText(result.faults) })
}

/** The same, giving the faults instead of throwing them. */
export function readConfig(file: string, adapters: AdapterSchemas): ConfigResult {
  const absolute = resolve(file)
  try {
    return parseConfigText(readFileSync(absolute, 'utf8'), dirname(absolute), adapters)
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''
    return refused({ path: file, problem: `cannot be read${reason}`, mend: 'correct the path' })
  }
}

/** YAML text to configuration: secrets put in, everything checked. */
export function parseConfigText(
  text: string,
  baseDir: string,
  adapters: AdapterSchemas,
): ConfigResult {
  let raw: unknown
  try {
    raw = parse(text, { maxAliasCount: 1000, logLevel: 'error' })
  } catch (error) {
    const problem = error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'unreadable'
    return refused({ path: '', problem: `is not YAML: ${problem}`, mend: 'correct the line' })
  }
  const faults: Fault[] = []
  const place = { path: '', faults, baseDir }
  const sources = { env: environment(), readFile: (path: string) => readFileSync(path, 'utf8') }
  const result = parseConfig(resolveSecrets(raw, place, sources), { baseDir, adapters })
  if (faults.length === 0) return result
  return { ok: false, faults: result.ok ? faults : [...faults, ...result.faults] }
}

/** A node's own bindings of process steps, with the faults that keep them from being used. */
export function readBindingsFile(file: string): {
  readonly text: string
  readonly bindings: Bindings
  readonly faults: readonly Fault[]
} {
  const faults: Fault[] = []
  const baseDir = dirname(file)
  const place = { path: '', faults, baseDir }
  let text = ''
  let raw: unknown
  try {
    text = readFileSync(file, 'utf8')
    raw = parse(text, { maxAliasCount: 1000, logLevel: 'error' })
  } catch (error) {
    const problem = error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'unreadable'
    faults.push({ path: file, problem, mend: 'correct it' })
    return { text, bindings: noBindings, faults }
  }
  const sources = { env: environment(), readFile: (path: string) => readFileSync(path, 'utf8') }
  const readForm = (path: string): string => readFileSync(resolve(baseDir, path), 'utf8')
  const bindings = readBindings(resolveSecrets(raw, place, sources), place, readForm)
  return { text, bindings, faults }
}

const refused = (fault: Fault): ConfigResult => ({ ok: false, faults: [fault] })
