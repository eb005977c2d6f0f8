import { RawJson } from './raw-json.ts'

/** Anything but what stands in a JSON string as it is. */
const SPECIAL = /[^ !#-%'-;=?-[\]-\u2027\u202a-\ud7ff\ue000-\uffff]/
const HTML = /[<>&\u2028\u2029]/g
const ESCAPES: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
}

/** A JSON string exactly as Go's encoder writes it: what hashes are made of. */
export function stringifyGo(value: string): string {
  if (!SPECIAL.test(value)) return `"${value}"`
  return JSON.stringify(value.toWellFormed()).replace(HTML, (found) => ESCAPES[found] ?? found)
}

/** Orders texts by their UTF-8 bytes, as Go does. */
export function compareBytes(a: string, b: string): number {
  if (a === b) return 0
  const length = Math.min(a.length, b.length)
  let i = 0
  while (i < length && a.charCodeAt(i) === b.charCodeAt(i)) i++
  if (i === length) return a.length - b.length
  return byteRank(a.charCodeAt(i)) - byteRank(b.charCodeAt(i))
}

// Surrogates stand for code points above all others, but their code units don't come last.
const byteRank = (unit: number): number =>
  unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit

/** A JSON object as Go writes a map: keys in byte order, at every depth. */
export function sortedJson(value: unknown): string {
  if (typeof value === 'string') return stringifyGo(value)
  if (Object.is(value, -0)) return '-0'
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  if (value instanceof RawJson) return sortedJson(value.value())
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(',')}]`
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => compareBytes(a, b))
    .map(([key, member]) => `${stringifyGo(key)}:${sortedJson(member)}`)
  return `{${members.join(',')}}`
}

/** Like `JSON.stringify`, but kept JSON text is put in as it is. */
export function spliceJson(value: unknown): string {
  if (value instanceof RawJson) return value.text
  if (!holdsRaw(value)) return JSON.stringify(value) ?? 'null'
  if (Array.isArray(value)) return `[${value.map(spliceJson).join(',')}]`
  let text = ''
  for (const [key, member] of Object.entries(value)) {
    if (member === undefined) continue
    text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${spliceJson(member)}`
  }
  return `{${text}}`
}

function holdsRaw(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  if (value instanceof RawJson) return true
  for (const member of Array.isArray(value) ? value : Object.values(value)) {
    if (typeof member === 'object' && holdsRaw(member)) return true
  }
  return false
}
