import { type Path, placeOf, placeOfKey } from './place.ts'
import type { Remark, Source } from './source.ts'

type Table = { readonly [key: string]: unknown }

/** Reads the values of a scenario, and gathers what is wrong with it. */
export class Reader {
  readonly remarks: Remark[] = []
  readonly #source: Source

  constructor(source: Source) {
    this.#source = source
  }

  /** Notes a fault at a path, or at a key of the object there. */
  complain(path: Path, message: string, mend: string, key?: string): undefined {
    const inner = key === undefined ? undefined : placeOfKey(this.#source, path, key)
    const place = inner ?? placeOf(this.#source, path)
    this.remarks.push({ ...place, severity: 'error', code: 'SCENARIO', message, mend })
  }

  /** An object with some of these keys. */
  record(value: unknown, path: Path, keys: readonly string[]): Table | undefined {
    const table = this.table(value, path)
    for (const key of Object.keys(table ?? {})) {
      if (keys.includes(key)) continue
      this.complain(path, `"${key}" means nothing here`, `Use: ${keys.join(', ')}.`, key)
    }
    return table
  }

  table(value: unknown, path: Path): Table | undefined {
    if (isTable(value)) return value
    return this.complain(path, 'an object is expected here', 'Write names, each with a value.')
  }

  list(value: unknown, path: Path): readonly unknown[] | undefined {
    if (Array.isArray(value)) return value
    return this.complain(path, 'a list is expected here', 'Begin each entry with "- ".')
  }

  text(value: unknown, path: Path): string | undefined {
    if (typeof value === 'string' && value !== '') return value
    return this.complain(path, 'a text is expected here', 'Write a text, in quotes if need be.')
  }

  texts(value: unknown, path: Path): readonly string[] | undefined {
    const list = typeof value === 'string' ? [value] : this.list(value, path)
    return list?.flatMap((item, i) => this.text(item, [...path, i]) ?? [])
  }

  count(value: unknown, path: Path): number | undefined {
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
    return this.complain(path, 'a number from 0 is expected here', 'Write a whole number.')
  }

  flag(value: unknown, path: Path): boolean | undefined {
    if (typeof value === 'boolean') return value
    return this.complain(path, 'true or false is expected here', 'Write true or false.')
  }

  /** One of the names there are. */
  known(value: unknown, path: Path, what: string, names: Iterable<string>): string | undefined {
    const text = this.text(value, path)
    if (text === undefined) return undefined
    const all = [...names]
    if (all.includes(text)) return text
    const mend = all.length === 0 ? 'Remove it.' : `Use one of: ${all.join(', ')}.`
    return this.complain(path, `there is no ${what} "${text}"`, mend)
  }
}

export const isTable = (value: unknown): value is Table =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
