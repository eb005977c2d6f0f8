import { type Flow, RawJson, trimTime } from '@concordat/protocol'
import type { Kysely } from 'kysely'
import { inNamespace, type List, readPage } from '../collections.ts'
import { type FilterFields, hash, text, time, uuid } from '../filter-fields.ts'
import type { FlowRow } from '../process-schema.ts'
import type { Tables } from '../schema.ts'

export const flowFields = {
  hash: hash('hash'),
  name: text('name'),
  version: text('version'),
  title: text('title'),
  state: text('outcome'),
  author: text('author'),
  message: uuid('message'),
  group: hash('groupHash'),
  created: time('created'),
} satisfies FilterFields

/** A definition as callers see it; `adoptedBy` are DIDs. */
export function rowToFlow(row: FlowRow, adoptedBy: readonly string[]): Flow {
  const faults: Flow['faults'] = JSON.parse(row.faults)
  const warnings: Flow['warnings'] = JSON.parse(row.warnings)
  return {
    hash: row.hash,
    name: row.name,
    version: row.version,
    ...(row.title !== null && { title: row.title }),
    state: row.outcome,
    author: row.author,
    message: row.message,
    ...(row.groupHash !== null && { group: row.groupHash }),
    created: trimTime(row.created),
    ...(faults?.length && { faults }),
    ...(warnings?.length && { warnings }),
    adoptedBy: [...adoptedBy],
    definition: new RawJson(row.document),
  }
}

export const listFlows: List<'flows', Flow> = async (db, namespace, filter, also) => {
  const query = db
    .selectFrom('flows')
    .selectAll()
    .where((eb) => inNamespace(eb, namespace, filter, also))
  const { items: rows, ...rest } = await readPage(query, filter, (row) => row)
  return { items: await withAdoptions(db, namespace, rows), ...rest }
}

/** A definition by its hash, by `name@version`, or the newest usable one of a name. */
export async function getFlow(
  db: Kysely<Tables>,
  namespace: string,
  reference: string,
): Promise<Flow | undefined> {
  const row = await findFlowRow(db, namespace, reference)
  const [flow] = row ? await withAdoptions(db, namespace, [row]) : []
  return flow
}

async function findFlowRow(
  db: Kysely<Tables>,
  namespace: string,
  reference: string,
): Promise<FlowRow | undefined> {
  const [name = '', version] = reference.split('@')
  const isHash = /^[0-9a-f]{64}$/.test(reference)
  const rows = await db
    .selectFrom('flows')
    .selectAll()
    .where('namespace', '=', namespace)
    .where(isHash ? 'hash' : 'name', '=', isHash ? reference : name)
    .where((eb) => (version === undefined ? eb.lit(true) : eb('version', '=', version)))
    .orderBy('seq')
    .execute()
  return rows.toSorted(byUse)[0]
}

/** Usable ones first, then newer versions, then those that came first. */
const byUse = (a: FlowRow, b: FlowRow): number =>
  Number(isUsable(b)) - Number(isUsable(a)) || compareVersions(b.version, a.version)

const isUsable = ({ outcome }: FlowRow): boolean => outcome === 'loaded'

/** Negative, zero or positive, as `1.9.0` is before, at or after `1.10.0`. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.'))
  for (let i = 0; i < 3; i++) {
    const [x, y] = [left?.[i] ?? '', right?.[i] ?? '']
    // Digits without bound: those of more figures are greater.
    const [m, n] = [x.replace(/^0+(?=.)/, ''), y.replace(/^0+(?=.)/, '')]
    if (m !== n) return m.length - n.length || (m < n ? -1 : 1)
  }
  return 0
}

async function withAdoptions(
  db: Kysely<Tables>,
  namespace: string,
  rows: readonly FlowRow[],
): Promise<Flow[]> {
  if (rows.length === 0) return []
  const hashes = [...new Set(rows.map((row) => row.hash))]
  const adoptions = await db
    .selectFrom('flowAdoptions')
    .select(['flow', 'identity'])
    .where('namespace', '=', namespace)
    .where('flow', 'in', hashes)
    .orderBy('seq')
    .execute()
  const byFlow = Map.groupBy(adoptions, ({ flow }) => flow)
  return rows.map((row) =>
    rowToFlow(
      row,
      (byFlow.get(row.hash) ?? []).map(({ identity }) => identity),
    ),
  )
}
