/** Something in the configuration that cannot be used: where, what is wrong, and the mend. */
export interface Fault {
  /** As an operator would write it: `plugins.blockchain[0].evm.url`. */
  readonly path: string
  readonly problem: string
  readonly mend: string
}

/** Where a value stands while it is read; faults found are collected, never thrown. */
export interface Place {
  readonly path: string
  readonly faults: Fault[]
  /** Relative paths in the file are relative to this folder. */
  readonly baseDir: string
}

/** A line of the reference: one key. */
export interface KeyLine {
  readonly path: string
  readonly type: string
  readonly fallback: string
  readonly description: string
}

/** How one part of the configuration is read and described. `read(undefined)` gives the default. */
export interface Spec<T> {
  read(raw: unknown, place: Place): T
  describe(path: string): KeyLine[]
}

export type Value<S> = S extends Spec<infer T> ? T : never
type Shape = Readonly<Record<string, Spec<unknown>>>
export type SectionValue<S extends Shape> = { readonly [K in keyof S]: Value<S[K]> }

export const fault = (place: Place, problem: string, mend: string): void => {
  place.faults.push({ path: place.path, problem, mend })
}

export const within = (place: Place, key: string): Place => ({
  ...place,
  path: place.path === '' ? key : `${place.path}.${key}`,
})

const at = (place: Place, index: number): Place => ({ ...place, path: `${place.path}[${index}]` })

/** A mapping of known keys, written in any case. `dropped` names FireFly keys that mean nothing here, with the mend. */
export function section<S extends Shape>(
  keys: S,
  dropped: Readonly<Record<string, string>> = {},
): Spec<SectionValue<S>> {
  const byLowerCase = new Map(Object.keys(keys).map((key) => [key.toLowerCase(), key]))
  const droppedKeys = new Map(
    Object.entries(dropped).map(([key, mend]) => [key.toLowerCase(), mend]),
  )
  return {
    read(raw, place) {
      const found = new Map<string, unknown>()
      for (const [written, value] of entriesOf(raw, place)) {
        const key = byLowerCase.get(written.toLowerCase())
        const here = within(place, written)
        if (key === undefined) {
          const mend = droppedKeys.get(written.toLowerCase())
          if (mend === undefined) fault(here, 'unknown key', suggest(written, Object.keys(keys)))
          else fault(here, 'a FireFly key that means nothing here', mend)
        } else if (found.has(key)) {
          fault(here, 'stands twice (keys are the same in any case)', 'keep one of the two')
        } else {
          found.set(key, value)
        }
      }
      const value = Object.fromEntries(
        Object.entries(keys).map(([key, spec]) => [
          key,
          spec.read(found.get(key), within(place, key)),
        ]),
      )
      // Built from `keys`, key by key.
      return value as SectionValue<S>
    },
    describe: (path) =>
      Object.entries(keys).flatMap(([key, spec]) => spec.describe(path ? `${path}.${key}` : key)),
  }
}

/** A section that may be left out as a whole. */
export function optionalSection<S extends Shape>(keys: S): Spec<SectionValue<S> | undefined> {
  const inner = section(keys)
  return {
    read: (raw, place) => (isAbsent(raw) ? undefined : inner.read(raw, place)),
    describe: inner.describe,
  }
}

/** A sequence; left out, it is empty. */
export function list<T>(item: Spec<T>): Spec<readonly T[]> {
  return {
    read(raw, place) {
      if (isAbsent(raw)) return []
      if (Array.isArray(raw)) return raw.map((value: unknown, i) => item.read(value, at(place, i)))
      fault(place, `${named(raw)} where a list is needed`, 'begin each entry with "- "')
      return []
    },
    describe: (path) => item.describe(`${path}[]`),
  }
}

/** The keys of a mapping; a fault if it is anything else. */
export function entriesOf(raw: unknown, place: Place): [string, unknown][] {
  if (isAbsent(raw)) return []
  if (typeof raw === 'object' && !Array.isArray(raw)) return Object.entries(raw ?? {})
  fault(place, `${named(raw)} where a section is needed`, 'write keys under it, or remove it')
  return []
}

export const isAbsent = (raw: unknown): raw is undefined | null => raw === undefined || raw === null

/** What a raw value is, in words. Never shows the value: it may be a secret. */
export function named(raw: unknown): string {
  if (Array.isArray(raw)) return 'a list'
  if (raw === null) return 'nothing'
  if (typeof raw === 'object') return 'a section'
  return `a ${typeof raw}`
}

/** The mend for a name that isn't one of `known`. */
export function suggest(written: string, known: readonly string[]): string {
  const near = known.find((key) => isNear(written.toLowerCase(), key.toLowerCase()))
  if (near !== undefined) return `did you mean "${near}"?`
  return known.length === 0 ? 'remove it' : `remove it; known here: ${known.join(', ')}`
}

/** Whether two words differ by one letter added, left out, changed or swapped. */
function isNear(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false
  let start = 0
  while (start < a.length && a[start] === b[start]) start++
  const [restA, restB] = [a.slice(start), b.slice(start)]
  return (
    restA.slice(1) === restB.slice(1) ||
    restA.slice(1) === restB ||
    restA === restB.slice(1) ||
    (restA.slice(2) === restB.slice(2) && restA[0] === restB[1] && restA[1] === restB[0])
  )
}
