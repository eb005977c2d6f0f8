import { resolve } from 'node:path'
import { parseByteSize, parseDuration } from '@concordat/protocol'
import { fault, isAbsent, named, type Place, type Spec } from './spec.ts'

interface LeafOptions<T> {
  readonly type: string
  readonly fallback: T
  /** The default as an operator would write it. */
  readonly shown: string
  readonly description: string
  /** The value, or undefined if it can't be one. */
  readonly parse: (raw: unknown, place: Place) => T | undefined
  /** What to write instead. */
  readonly mend: string
}

function leaf<T>(options: LeafOptions<T>): Spec<T> {
  const { type, fallback, shown, description, parse, mend } = options
  return {
    read(raw, place) {
      if (isAbsent(raw)) return fallback
      const value = parse(raw, place)
      if (value !== undefined) return value
      fault(place, `${named(raw)} that is not ${type}`, mend)
      return fallback
    },
    describe: (path) => [{ path, type, fallback: shown, description }],
  }
}

export const text = (fallback: string, description: string): Spec<string> =>
  leaf({
    type: 'text',
    fallback,
    shown: fallback,
    description,
    parse: (raw) => (typeof raw === 'string' || typeof raw === 'number' ? `${raw}` : undefined),
    mend: 'write a text',
  })

/** A path; a relative one is relative to the file's folder. Empty means none. */
export const path = (fallback: string, description: string): Spec<string> => {
  const inner = text(fallback, description)
  const absolute = (value: string, place: Place): string =>
    value === '' ? '' : resolve(place.baseDir, value)
  return {
    read: (raw, place) => absolute(inner.read(raw, place), place),
    describe: (at) => inner.describe(at).map((line) => ({ ...line, type: 'path' })),
  }
}

export const flag = (fallback: boolean, description: string): Spec<boolean> => {
  return leaf({
    type: 'true or false',
    fallback,
    shown: `${fallback}`,
    description,
    parse: (raw) => (typeof raw === 'string' ? flags.get(raw.toLowerCase()) : flags.get(raw)),
    mend: 'write true or false',
  })
}

const flags = new Map<unknown, boolean>([
  [true, true],
  [false, false],
  ['true', true],
  ['false', false],
])

/** A whole number in a range, both ends included. */
export const whole = (
  fallback: number,
  [least, most]: readonly [number, number],
  description: string,
): Spec<number> =>
  leaf({
    type: `whole number, ${least} to ${most}`,
    fallback,
    shown: `${fallback}`,
    description,
    parse(raw) {
      const value = typeof raw === 'string' && /^-?\d{1,15}$/.test(raw) ? Number(raw) : raw
      return isWholeWithin(value, least, most) ? value : undefined
    },
    mend: `write a whole number from ${least} to ${most}`,
  })

const isWholeWithin = (value: unknown, least: number, most: number): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most

export const port = (fallback: number, description: string): Spec<number> =>
  whole(fallback, [0, 65_535], description)

/** Milliseconds; written as `30s`, `1m30s`, or a number of milliseconds. */
export const duration = (fallback: string, description: string): Spec<number> =>
  leaf({
    type: 'duration',
    fallback: parseDuration(fallback),
    shown: fallback,
    description,
    parse: (raw) => attempt(() => parseDuration(asScalar(raw))),
    mend: 'write a duration such as 500ms, 30s or 1m30s',
  })

/** Bytes; written as `800Kb` or `50Mb` (of 1024), or a number of bytes. */
export const byteSize = (fallback: string, description: string): Spec<number> =>
  leaf({
    type: 'size',
    fallback: parseByteSize(fallback),
    shown: fallback,
    description,
    parse: (raw) => attempt(() => parseByteSize(asScalar(raw))),
    mend: 'write a size such as 800Kb or 50Mb',
  })

/** One of a few words, in any case. */
export const choice = <T extends string>(
  words: readonly T[],
  fallback: NoInfer<T>,
  description: string,
): Spec<T> =>
  leaf<T>({
    type: words.map((word) => `\`${word}\``).join(', '),
    fallback,
    shown: fallback,
    description,
    parse: (raw) =>
      typeof raw === 'string' ? words.find((word) => word === raw.toLowerCase()) : undefined,
    mend: `write one of: ${words.join(', ')}`,
  })

/** A list of texts; one text alone, or texts separated by commas, will do. */
export const texts = (fallback: readonly string[], description: string): Spec<readonly string[]> =>
  leaf<readonly string[]>({
    type: 'list of texts',
    fallback,
    shown: fallback.join(', '),
    description,
    parse(raw) {
      if (typeof raw === 'string') return raw.split(',').map((part) => part.trim())
      return isTexts(raw) ? raw : undefined
    },
    mend: 'write a list of texts',
  })

const isTexts = (raw: unknown): raw is string[] =>
  Array.isArray(raw) && raw.every((entry) => typeof entry === 'string')

const asScalar = (raw: unknown): string => {
  if (typeof raw === 'string' || typeof raw === 'number') return `${raw}`
  throw new TypeError('neither text nor number')
}

function attempt<T>(parse: () => T): T | undefined {
  try {
    return parse()
  } catch {
    return undefined
  }
}

/** A text that must be given. */
export function required(description: string, mend: string): Spec<string> {
  const inner = text('', description)
  return {
    read(raw, place) {
      const value = inner.read(raw, place)
      if (value === '' && (isAbsent(raw) || raw === '')) fault(place, 'missing', mend)
      return value
    },
    describe: (at) => inner.describe(at).map((line) => ({ ...line, fallback: '(required)' })),
  }
}

/** A path that must be given; a relative one is relative to the file's folder. */
export function requiredPath(description: string, mend: string): Spec<string> {
  const inner = required(description, mend)
  return {
    read: (raw, place) => path('', description).read(inner.read(raw, place), place),
    describe: (at) => inner.describe(at).map((line) => ({ ...line, type: 'path' })),
  }
}
