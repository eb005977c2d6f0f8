import {
  type ChartHistogram,
  formatTime,
  NodeError,
  padTime,
  parseTime,
  timeToMs,
  trimTime,
} from '@concordat/protocol'
import { getChartHistogram } from '@concordat/protocol/routes'
import { sql } from 'kysely'
import type { Namespace } from '../../namespace.ts'
import { handle } from '../handler.ts'
import { firstValue, type Query } from '../query.ts'

interface Source {
  readonly table: string
  readonly time: string
  /** What the bars are divided by. */
  readonly type?: string
}

const created = (table: string, type?: string): Source =>
  type === undefined ? { table, time: 'created' } : { table, time: 'created', type }

/** Collections with a time, by the names FireFly has for them. */
const SOURCES: Readonly<Record<string, Source>> = {
  batches: created('batches', 'type'),
  blockchainevents: { table: 'blockchain_events', time: 'timestamp' },
  data: created('data'),
  datatypes: created('datatypes'),
  events: created('events', 'type'),
  groups: created('groups'),
  identities: created('identities', 'type'),
  messages: created('messages', 'type'),
  operations: created('operations', 'type'),
  pins: created('pins'),
  subscriptions: created('subscriptions', 'transport'),
  transactions: created('transactions', 'type'),
  verifiers: created('verifiers', 'type'),
}

interface Slice {
  readonly from: string
  readonly to: string
}

function slicesOf(query: Query): Slice[] {
  const start = timeOf(query, 'startTime')
  const end = timeOf(query, 'endTime')
  const buckets = Number(firstValue(query, 'buckets') ?? '')
  if (!Number.isInteger(buckets) || buckets < 1 || buckets > 100)
    throw new NodeError('CC20002', { reason: "'buckets' must be a whole number from 1 to 100" })
  if (start > end) throw new NodeError('CC20002', { reason: "'startTime' is after 'endTime'" })
  const edge = (i: number): string =>
    padTime(formatTime(Math.floor(start + ((end - start) * i) / buckets)))
  return Array.from({ length: buckets }, (_, i) => ({ from: edge(i), to: edge(i + 1) }))
}

function timeOf(query: Query, name: string): number {
  const text = firstValue(query, name.toLowerCase())
  if (!text) throw new NodeError('FF10131', { field: name })
  return timeToMs(parseTime(text))
}

async function countSlice(
  { database, name }: Namespace,
  { table, time, type }: Source,
  { from, to }: Slice,
  maxRows: number,
): Promise<ChartHistogram> {
  const counted = await sql<{ type: string | null; total: number }>`
    select ${type ? sql.ref('type') : sql`''`} as type, count(*) as total from (
      select ${type ? sql`${sql.ref(type)} as type` : sql`1 as one`} from ${sql.table(table)}
      where namespace = ${name} and ${sql.ref(time)} >= ${from} and ${sql.ref(time)} < ${to}
      limit ${maxRows + 1}
    ) as slice ${type ? sql`group by type order by type` : sql``}`.execute(database.read)
  const rows = counted.rows.map((row) => ({ type: row.type ?? '', count: Number(row.total) }))
  const all = rows.reduce((sum, { count }) => sum + count, 0)
  return {
    count: String(Math.min(all, maxRows)),
    timestamp: trimTime(from),
    isCapped: all > maxRows,
    types: type ? rows.map((row) => ({ type: row.type, count: String(row.count) })) : [],
  }
}

export const chartHandlers = [
  handle(getChartHistogram, async ({ namespace, params, query }, { limits }) => {
    const { collection } = params
    const source = Object.hasOwn(SOURCES, collection) ? SOURCES[collection] : undefined
    if (!source) throw new NodeError('CC20002', { reason: `there is no chart of '${collection}'` })
    const bars: ChartHistogram[] = []
    for (const slice of slicesOf(query))
      bars.push(await countSlice(namespace, source, slice, limits.maxChartRows))
    return bars
  }),
]
