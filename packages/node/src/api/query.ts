/** A query string: names in lower case, each with its values in the order they came. */
export type Query = Readonly<Record<string, readonly string[] | undefined>>

const EMPTY: Query = Object.freeze(Object.create(null))

/** The same with names as they were written: some are a user's own. */
export const parseQueryAsWritten = (url: string): Query => read(url, (name) => name)

/**
 * Reads what stands after the `?`, as leniently as clients need: empty parts are left out, a part without `=` is a flag
 * (an empty value), and broken escapes are kept as they are.
 */
export const parseQuery = (url: string): Query => read(url, (name) => name.toLowerCase())

function read(url: string, nameOf: (written: string) => string): Query {
  const start = url.indexOf('?')
  if (start === -1 || start === url.length - 1) return EMPTY
  // Without a prototype: any name is only a name.
  const query: Record<string, string[]> = Object.create(null)
  for (const part of url.slice(start + 1).split('&')) {
    if (part === '') continue
    const cut = part.indexOf('=')
    const name = nameOf(decode(cut === -1 ? part : part.slice(0, cut)))
    const value = cut === -1 ? '' : decode(part.slice(cut + 1))
    const values = query[name]
    if (values) values.push(value)
    else query[name] = [value]
  }
  return query
}

/** Whether a flag is set: alone, or `true`. */
export function hasFlag(query: Query, name: string): boolean {
  const value = query[name]?.[0]
  return value !== undefined && (value === '' || value.toLowerCase() === 'true')
}

/** The first value of a parameter. */
export const firstValue = (query: Query, name: string): string | undefined => query[name]?.[0]

function decode(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text
  if (!spaced.includes('%')) return spaced
  try {
    return decodeURIComponent(spaced)
  } catch {
    return spaced
  }
}
