import { isAlias, isCollection, isMap, isPair, isScalar, isSeq, type Node } from 'yaml'
import type { Place, Source } from './source.ts'

/** Keys and indexes from the top of a document. */
export type Path = readonly (string | number)[]

/** Where in its file a path leads: to a value, or to the key of a list or an object. As far as the path goes. */
export function placeOf(source: Source, path: Path, offset = 0): Place {
  const { node } = walk(source, path)
  return toPlace(source, (node?.range?.[0] ?? 0) + offset)
}

/** Where in the object at a path one of its keys stands; undefined if it has none of this name. */
export function placeOfKey(source: Source, path: Path, key: string): Place | undefined {
  const { value, rest } = walk(source, path)
  const found = rest === 0 && isMap(value) ? pairOf(value.items, key)?.key : undefined
  return found?.range ? toPlace(source, found.range[0]) : undefined
}

/**
 * Where in its file a character of a text stands that the path leads to. Undefined if it is written with escapes or over
 * several lines, so that characters do not stand where one counts them.
 */
export function placeOfCharacter(source: Source, path: Path, index: number): Place | undefined {
  const { value, rest } = walk(source, path)
  if (rest > 0 || !isScalar(value) || typeof value.value !== 'string' || !value.range) {
    return undefined
  }
  const [start, end] = value.range
  const shift = source.text.slice(start, end).indexOf(value.value)
  return shift < 0 || shift > 1 ? undefined : toPlace(source, start + shift + index)
}

/** Where in its file a word of a text stands that the path leads to; undefined if it is not there. */
export function placeOfWord(source: Source, path: Path, word: string): Place | undefined {
  const { value } = walk(source, path)
  if (!isScalar(value) || typeof value.value !== 'string') return undefined
  const words = [...value.value.matchAll(/[\w$-]+/g)]
  const index = words.find(([found]) => found === word)?.index
  return index === undefined ? undefined : placeOfCharacter(source, path, index)
}

function toPlace({ lines }: Source, offset: number): Place {
  const { line, col } = lines.linePos(offset)
  return { line: Math.max(1, line), column: Math.max(1, col) }
}

interface Found {
  /** What to point at. */
  readonly node: Node | undefined
  readonly value: unknown
  /** Parts of the path that lead nowhere. */
  readonly rest: number
}

function walk({ document }: Source, path: Path): Found {
  let value: unknown = document.contents
  let node = asNode(value)
  for (const [i, part] of path.entries()) {
    const inner = descend(isAlias(value) ? value.resolve(document) : value, part)
    if (inner === undefined) return { node, value, rest: path.length - i }
    value = inner.value
    node = inner.node ?? node
  }
  return { node, value: isAlias(value) ? value.resolve(document) : value, rest: 0 }
}

function descend(container: unknown, part: string | number): Omit<Found, 'rest'> | undefined {
  if (isSeq(container) && typeof part === 'number') {
    const value: unknown = container.items[part]
    return value === undefined ? undefined : { node: asNode(value), value }
  }
  const pair = isMap(container) ? pairOf(container.items, String(part)) : undefined
  if (pair === undefined) return undefined
  const node = asNode(pair.value)
  const isKeyBetter = node === undefined || isCollection(node) || isEmpty(node)
  return { node: isKeyBetter ? pair.key : node, value: pair.value }
}

function pairOf(
  items: readonly unknown[],
  name: string,
): { readonly key: Node | undefined; readonly value: unknown } | undefined {
  for (const item of items) {
    if (!isPair(item) || !isScalar(item.key)) continue
    if (isNamed(String(item.key.value), name)) return { key: item.key, value: item.value }
  }
  return undefined
}

/** Paths show long names cut. */
const isNamed = (key: string, name: string): boolean =>
  key === name || (name.length > 60 && name.endsWith('…') && key.startsWith(name.slice(0, -1)))

const asNode = (value: unknown): Node | undefined =>
  isScalar(value) || isCollection(value) || isAlias(value) ? value : undefined

const isEmpty = ({ range }: Node): boolean => !range || range[0] === range[1]

const PART = /\.([A-Za-z_$][\w$-]*)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/gy

/** `$.steps.accept.when[1].rule` as keys and indexes. */
export function parsePath(text: string): Path {
  return [...text.slice(1).matchAll(PART)].map(([, name, index, quoted]) => {
    if (index !== undefined) return Number(index)
    return name ?? String(JSON.parse(quoted ?? '""'))
  })
}
