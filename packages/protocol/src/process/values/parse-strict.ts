import { NodeError } from '../../errors/node-error.ts'
import { rawPaths } from '../../json/raw-paths.ts'
import { JsonReader } from '../../json/reader.ts'
import type { Json } from './value.ts'

export interface StrictLimits {
  /** Of the UTF-8 text. */
  readonly maxBytes: number
  /** Lists and objects inside lists and objects. */
  readonly maxDepth: number
}

/** The limits of a definition and of a step's input. */
export const STRICT_LIMITS: StrictLimits = { maxBytes: 256 * 1024, maxDepth: 32 }

/**
 * JSON that means the same to every reader: no key twice, whole numbers within ±(2^53−1) in their one spelling, no half
 * surrogate pairs. Objects have no prototype. Throws FF10103, naming the position, for anything else.
 */
export function parseStrict(
  source: string | Uint8Array,
  { maxBytes, maxDepth }: StrictLimits = STRICT_LIMITS,
): Json {
  const { text, bytes } = typeof source === 'string' ? measure(source) : decode(source)
  if (bytes > maxBytes) fail(maxBytes, `longer than ${maxBytes} bytes`)
  // The strict reader builds nothing else.
  return new JsonReader(text, maxDepth, true).read(wholeValues) as Json
}

const wholeValues = rawPaths()
const encoder = new TextEncoder()

interface Source {
  readonly text: string
  readonly bytes: number
}

const measure = (text: string): Source => ({ text, bytes: encoder.encode(text).length })

function decode(bytes: Uint8Array): Source {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return { text, bytes: bytes.length }
  } catch {
    return fail(0, 'not UTF-8')
  }
}

function fail(position: number, reason: string): never {
  throw new NodeError('FF10103', { position, reason })
}
