import { STRICT_LIMITS } from '../values/parse-strict.ts'
import type { Json } from '../values/value.ts'
import type { Findings } from './faults.ts'
import { type Path, quote } from './path.ts'

/** Lists and objects inside lists and objects; and bytes of the canonical JSON. */
const { maxDepth: MAX_DEPTH, maxBytes: MAX_BYTES } = STRICT_LIMITS

interface Copying {
  readonly findings: Findings
  /** UTF-16 units and punctuation left; never more than the bytes of the canonical JSON. */
  room: number
}

class Refused extends Error {}

/**
 * Copies plain JSON data into frozen values without prototypes, so that no name in it can reach anything else.
 * Stops at the first thing that is not JSON, and as soon as it is surely too large.
 */
export function copyJson(input: unknown, findings: Findings): Json | undefined {
  try {
    return copy(input, [], { findings, room: MAX_BYTES })
  } catch (error) {
    if (error instanceof Refused) return undefined
    throw error
  }
}

function copy(value: unknown, path: Path, copying: Copying): Json {
  spend(copying, typeof value === 'string' ? value.length + 2 : 1)
  if (value === null || typeof value === 'boolean') return value
  if (typeof value === 'string' && value.isWellFormed()) return value
  if (typeof value === 'number' && Number.isSafeInteger(value) && !Object.is(value, -0))
    return value
  if (typeof value !== 'object') return refuse(value, path, copying)
  if (path.length >= MAX_DEPTH) {
    copying.findings.add('TOO_DEEP', path.slice(0, 4), { limit: MAX_DEPTH })
    throw new Refused()
  }
  return Array.isArray(value) ? copyList(value, path, copying) : copyObject(value, path, copying)
}

function copyList(list: readonly unknown[], path: Path, copying: Copying): Json {
  spend(copying, list.length)
  return Object.freeze(Array.from(list, (item, index) => copy(item, [...path, index], copying)))
}

function copyObject(from: object, path: Path, copying: Copying): Json {
  const prototype: unknown = Object.getPrototypeOf(from)
  if (prototype !== null && prototype !== Object.prototype) return refuse(from, path, copying)
  const result: Record<string, Json> = Object.create(null)
  for (const key in from) {
    spend(copying, key.length + 4)
    if (!key.isWellFormed()) return refuse(key, path, copying)
    const property = Object.getOwnPropertyDescriptor(from, key)
    if (property === undefined || !('value' in property)) return refuse(from, path, copying)
    result[key] = copy(property.value, [...path, key], copying)
  }
  return Object.freeze(result)
}

function spend(copying: Copying, amount: number): void {
  copying.room -= amount
  if (copying.room >= 0) return
  tooLarge(copying.findings)
  throw new Refused()
}

export function tooLarge(findings: Findings): void {
  findings.add('TOO_LARGE', [], { limit: `${MAX_BYTES / 1024} KiB` })
}

function refuse(value: unknown, path: Path, copying: Copying): never {
  const what = typeof value === 'object' ? 'the value' : quote(value)
  copying.findings.add('NOT_JSON', path, { what })
  throw new Refused()
}
