/** Where a document's values are to be kept as text; made by `rawPaths`. */
export interface RawPaths {
  readonly keep: boolean
  readonly named: ReadonlyMap<string, RawPaths>
  /** Any key, any element of a list. */
  readonly any: RawPaths | undefined
}

interface Draft {
  keep: boolean
  named: Map<string, Draft>
  any: Draft | undefined
}

const draft = (): Draft => ({ keep: false, named: new Map(), any: undefined })

/** Compiles path patterns such as `data.*.value`; the empty pattern is the whole document. */
export function rawPaths(...patterns: readonly string[]): RawPaths {
  const root = draft()
  for (const pattern of patterns) {
    let node = root
    for (const part of pattern === '' ? [] : pattern.split('.')) {
      if (part === '*') {
        node.any ??= draft()
        node = node.any
        continue
      }
      const next = node.named.get(part) ?? draft()
      node.named.set(part, next)
      node = next
    }
    node.keep = true
  }
  return root
}
