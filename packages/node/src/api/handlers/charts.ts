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
import { type RawBuilder, sql } from 'kysely'
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

/** Edges of the bars, as times are kept; one more than there are bars. */
function edgesOf(query: Query): string[] {
  const start = timeOf(query, 'startTime')
  const end = timeOf(query, 'endTime')
  const buckets = Number(firstValue(query, 'buckets') ?? '')
  if (!Number.isInteger(buckets) || buckets < 1 || buckets > 100)
    throw new NodeError('CC20002', { reason: "'buckets' must be a whole number from 1 to 100" })
  if (start > end) throw new NodeError('CC20002', { reason: "'startTime' is after 'endTime'" })
  return Array.from({ length: buckets + 1 }, (_, i) =>
    padTime(formatTime(Math.floor(start + ((end - start) * i) / buckets))),
  )
}

function timeOf(query: Query, name: string): number {
  const text = firstValue(query, name.toLowerCase())
  if (!text) throw new NodeError('FF10131', { field: name })
  return timeToMs(parseTime(text))
}

interface Counted {
  readonly bar: number
  readonly type: string
  readonly total: number
}

/** Counts all bars in one pass over the rows: times have no index, since each costs every message. */
async function countBars(
  { database, name }: Namespace,
  { table, time, type }: Source,
  edges: readonly string[],
): Promise<readonly Counted[]> {
  const { rows } = await sql<Counted>`
    select bar, type, count(*) as total from (
      select ${barOf(sql.ref(time), edges, 0, edges.length - 2)} as bar,
        ${type ? sql`coalesce(${sql.ref(type)}, '')` : sql`''`} as type
      from ${sql.table(table)}
      where namespace = ${name} and ${sql.ref(time)} >= ${edges[0]} and ${sql.ref(time)} < ${edges.at(-1)}
    ) as counted group by bar, type order by bar, type`.execute(database.read)
  return rows.map((row) => ({ ...row, bar: Number(row.bar), total: Number(row.total) }))
}

/** The number of a time's bar, found by halves. */
function barOf(
  time: RawBuilder<unknown>,
  edges: readonly string[],
  low: number,
  high: number,
): RawBuilder<unknown> {
  if (low >= high) return sql.lit(low)
  const middle = (low + high + 1) >> 1
  return sql`case when ${time} < ${edges[middle]}
    then ${barOf(time, edges, low, middle - 1)} else ${barOf(time, edges, middle, high)} end`
}

/** One bar, with at most `maxRows` counted. */
function toBar(
  timestamp: string,
  counted: readonly Counted[],
  typed: boolean,
  maxRows: number,
): ChartHistogram {
  let room = maxRows
  const types = counted.map(({ type, total }) => {
    const count = Math.min(total, room)
    room -= count
    return { type, count: String(count) }
  })
  return {
    count: String(maxRows - room),
    timestamp: trimTime(timestamp),
    isCapped: counted.reduce((sum, { total }) => sum + total, 0) > maxRows,
    types: typed ? types : [],
  }
}

export const chartHandlers = [
  handle(getChartHistogram, async ({ namespace, params, query }, { limits }) => {
    const { collection } = params
    const source = Object.hasOwn(SOURCES, collection) ? SOURCES[collection] : undefined
    if (!source) throw new NodeError('CC20002', { reason: `there is no chart of '${collection}'` })
    const edges = edgesOf(query)
    const counted = await countBars(namespace, source, edges)
    return edges.slice(0, -1).map((from, i) =>
      toBar(
        from,
        counted.filter(({ bar }) => bar === i),
        source.type !== undefined,
        limits.maxChartRows,
      ),
    )
  }),
]
