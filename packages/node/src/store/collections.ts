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
