import { NodeError, RawJson, type SubscriptionFilter } from '@concordat/protocol'
import { parseFilter } from '../../store/filter.ts'
import { applyConditions } from '../../store/filter-sql.ts'
import { eventFields } from '../../store/tables/events.ts'
import { createEnrich } from '../../subscribers/enrich.ts'
import { compileFilter } from '../../subscribers/filter.ts'
import type { AnyCall, ApiContext } from '../handler.ts'
import { firstValue, type Query } from '../query.ts'

/** Events looked through at once. */
const MAX_SCAN = 1000

/**
 * Past events that a subscription's filter lets through, newest first, each with what it refers to. Without a range the
 * newest are looked through; a range wider than the limit is refused with FF10463.
 */
export async function pastEvents(
  { namespace, query }: AnyCall,
  { limits }: ApiContext,
  filter: SubscriptionFilter,
): Promise<{ readonly items: readonly RawJson[]; readonly total?: number }> {
  const { defaultLimit, maxLimit } = limits
  const asked = parseFilter(eventFields, query, { defaultLimit, maxLimit, maxSkip: maxLimit })
  const { from, to } = range(query, namespace.events.newest())
  const scan = namespace.database.read
    .selectFrom('events')
    .selectAll()
    .where('namespace', '=', namespace.name)
    .where('seq', '>=', from)
    .where('seq', '<=', to)
  const rows = await applyConditions(scan, asked).orderBy('seq', 'desc').limit(MAX_SCAN).execute()
  const { matchesRow, matchesFacts } = compileFilter(filter)
  const enriched = await createEnrich(
    namespace.name,
    namespace.database,
    namespace.events,
  )(rows.filter(matchesRow))
  const matching = enriched.filter(({ facts }) => matchesFacts(facts))
  const page = matching.slice(asked.skip, asked.limit && asked.skip + asked.limit)
  const items = page.map((event) => new RawJson(`${event.text()}}`))
  return asked.count ? { items, total: matching.length } : { items }
}

function range(query: Query, newest: number): { readonly from: number; readonly to: number } {
  const start = sequenceOf(query, 'startsequence')
  const end = sequenceOf(query, 'endsequence')
  const to = end ?? (start === undefined ? newest : start + MAX_SCAN - 1)
  const from = start ?? Math.max(0, to - MAX_SCAN + 1)
  if (to - from >= MAX_SCAN) throw new NodeError('FF10463', { limit: MAX_SCAN })
  return { from, to }
}

function sequenceOf(query: Query, name: string): number | undefined {
  const text = firstValue(query, name)
  if (text === undefined || text === '') return undefined
  if (!/^\d{1,15}$/.test(text)) throw new NodeError('FF00143', { field: name, value: text })
  return Number(text)
}
