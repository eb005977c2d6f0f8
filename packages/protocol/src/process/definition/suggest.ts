const MAX_LENGTH = 64
const MAX_LISTED = 12

/** Points from a name that is not known to the one that was probably meant, or lists them all. */
export function suggest(name: unknown, known: Iterable<string>): string {
  const names = [...known].slice(0, 400)
  if (names.length === 0) return 'Remove it.'
  const nearest = typeof name === 'string' ? nearestName(name, names) : undefined
  if (nearest !== undefined) return `Did you mean "${nearest}"?`
  const more = names.length > MAX_LISTED ? ', …' : ''
  return `Use one of: ${names.slice(0, MAX_LISTED).join(', ')}${more}.`
}

function nearestName(name: string, names: readonly string[]): string | undefined {
  if (name.length > MAX_LENGTH) return undefined
  let best: string | undefined
  let least = Math.max(1, Math.floor(name.length / 3)) + 1
  for (const candidate of names) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase(), least)
    if (distance < least) {
      best = candidate
      least = distance
    }
  }
  return best
}

/** Letters to change, add or remove; anything from `limit` up is as good as `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  if (b.length > MAX_LENGTH || Math.abs(a.length - b.length) >= limit) return limit
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? limit
}
