import type { Expression, ExpressionBuilder, Kysely, SelectQueryBuilder, SqlBool } from 'kysely'
import { sql } from 'kysely'
import type { Filter } from './filter.ts'
import { applyConditions, applyFilter } from './filter-sql.ts'
import type { Tables } from './schema.ts'

export interface Page<T> {
  readonly items: readonly T[]
  /** How many match in all, when the filter asks for it. */
  readonly total?: number
}

/** Lists one namespace's rows as the API shows them; `also` narrows the list further. */
export type List<T extends keyof Tables, Item> = (
  db: Kysely<Tables>,
  namespace: string,
  filter: Filter,
  also?: (eb: ExpressionBuilder<Tables, T>) => Expression<SqlBool>,
) => Promise<Page<Item>>

/**
 * Rows of a namespace, narrowed by `also`. An index on little but the namespace, which most rows have in common, is the
 * slowest way to the newest of them: unless something is asked for that an index can find, none is to be used.
 */
export const inNamespace = <T extends keyof Tables>(
  eb: ExpressionBuilder<Tables, T>,
  namespace: string,
  filter: Filter,
  also?: (eb: ExpressionBuilder<Tables, T>) => Expression<SqlBool>,
): Expression<SqlBool> => {
  const ours = sql<SqlBool>`namespace = ${namespace}`
  if (also) return eb.and([ours, also(eb)])
  return isFound(filter) ? ours : sql<SqlBool>`namespace || '' = ${namespace}`
}

/** Whether an index may lead to what is asked for: ids and hashes have one, where anything has. */
const isFound = ({ where }: Filter): boolean =>
  where.some(
    ({ field, tests }) =>
      (field.kind === 'uuid' || field.kind === 'hash' || field.kind === 'value') &&
      tests.some((test) => test.operator === '=' && !test.negate),
  )

/** Runs a table's query under a filter. */
export async function readPage<T extends keyof Tables, Row, Item>(
  query: SelectQueryBuilder<Tables, T, Row>,
  filter: Filter,
  toItem: (row: Row) => Item,
): Promise<Page<Item>> {
  const rows = await applyFilter(query, filter).execute()
  const items = rows.map((row) => toItem(row))
  return filter.count ? { items, total: await count(query, filter) } : { items }
}

async function count<T extends keyof Tables, Row>(
  query: SelectQueryBuilder<Tables, T, Row>,
  filter: Filter,
): Promise<number> {
  const counting = applyConditions(query, filter).clearSelect()
  const { total } = await counting
    .select(sql<number>`count(*)`.as('total'))
    .executeTakeFirstOrThrow()
  return total
}
