import { NodeError } from '../errors/node-error.ts'
import { pathAt } from './path-at.ts'
import { RawJson } from './raw-json.ts'
import { type RawPaths, rawPaths } from './raw-paths.ts'
import { JsonReader } from './reader.ts'

/** Deepest nesting accepted unless told otherwise. */
export const DEFAULT_MAX_DEPTH = 256

export interface ParseJsonOptions {
  /** Containers inside containers, at most. */
  readonly maxDepth?: number
  /** Where to keep the text instead of the value: patterns such as `data.*.value`. */
  readonly raw?: RawPaths | readonly string[]
  /** Refuses U+0000 in any string or key, with CC20005 and where it stands: not every database can hold it. */
  readonly refuseNul?: boolean
}

const nothing = rawPaths()
const everything = rawPaths('')

/** Strict JSON, as UTF-8 bytes or text. Throws FF10103, naming the position, for anything else. */
export function parseJson(text: string | Uint8Array, options: ParseJsonOptions = {}): unknown {
  const { maxDepth = DEFAULT_MAX_DEPTH, raw = nothing, refuseNul = false } = options
  const paths = 'keep' in raw ? raw : rawPaths(...raw)
  const source = typeof text === 'string' ? text : decode(text)
  const reader = new JsonReader(source, maxDepth)
  const value = reader.read(paths)
  if (refuseNul && reader.nulAt >= 0)
    throw new NodeError('CC20005', { field: pathAt(source, reader.nulAt) || 'body' })
  return value
}

/** The canonical text of a JSON value: no white space, `<`, `>`, `&` and line separators escaped, all else as written. */
export function jsonAnyText(source: string, maxDepth = DEFAULT_MAX_DEPTH): string {
  const kept = new JsonReader(source, maxDepth).read(everything)
  return kept instanceof RawJson ? kept.text : ''
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new NodeError('FF10103', { position: 0, reason: 'not UTF-8' }, { cause })
  }
}
