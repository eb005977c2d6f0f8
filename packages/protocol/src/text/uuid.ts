const CANONICAL = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const DASHED = /^(?:urn:uuid:)?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/i
const BRACED = /^\{([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\}$/i
const BARE = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/i

/** A UUID in any accepted spelling (`urn:uuid:`, braces, bare hex), in its kept form; undefined if it is none. */
export function parseUuid(text: string): string | undefined {
  if (CANONICAL.test(text)) return text
  const dashed = (DASHED.exec(text) ?? BRACED.exec(text))?.[1]
  if (dashed !== undefined) return dashed.toLowerCase()
  return BARE.exec(text)?.slice(1).join('-').toLowerCase()
}

/** True for whatever `parseUuid` takes. */
export const isUuid = (text: string): boolean => parseUuid(text) !== undefined
