import type { Json } from '../values/value.ts'

/** Whether two JSON values are the same, whatever the order of their keys. */
export function equalJson(a: Json, b: Json): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (isList(a)) {
    return isList(b) && a.length === b.length && a.every((item, i) => equalJson(item, b[i] ?? null))
  }
  if (isList(b)) return false
  const entries = Object.entries(a)
  return (
    entries.length === Object.keys(b).length &&
    entries.every(([key, value]) => Object.hasOwn(b, key) && equalJson(value, b[key] ?? null))
  )
}

const isList = (json: Json): json is readonly Json[] => Array.isArray(json)
