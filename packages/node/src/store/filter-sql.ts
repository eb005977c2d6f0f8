import { type RawBuilder, type SelectQueryBuilder, type SqlBool, sql } from 'kysely'
import type { Filter, Sort } from './filter.ts'
import { compare, type Predicate } from './filter-compare.ts'
import type { Condition, Test, Value } from './filter-condition.ts'
import { type FieldSpec, isBlankWhenNull } from './filter-fields.ts'
import { keyInProcess, valueToSql } from './filter-values.ts'
import type { Tables } from './schema.ts'

/** The filter's conditions on a query of one table. */
export function applyConditions<T extends keyof Tables, Row>(
  query: SelectQueryBuilder<Tables, T, Row>,
  { where }: Filter,
): SelectQueryBuilder<Tables, T, Row> {
  return where.reduce((narrowed, condition) => narrowed.where(toSql(condition)), query)
}

/** Conditions, order and page. The order is total: rows alike in what is sorted by come newest first. */
export function applyFilter<T extends keyof Tables, Row>(
  query: SelectQueryBuilder<Tables, T, Row>,
  filter: Filter,
): SelectQueryBuilder<Tables, T, Row> {
  const { sort, skip, limit } = filter
  const ordered = sort
    .reduce((sorted, by) => sorted.orderBy(toOrder(by)), applyConditions(query, filter))
    .orderBy(sql`seq desc`)
  if (skip === 0) return limit === undefined ? ordered : ordered.limit(limit)
  // SQLite wants a limit before an offset.
  return ordered.limit(limit ?? Number.MAX_SAFE_INTEGER).offset(skip)
}

function toOrder({ field, descending }: Sort): RawBuilder<unknown> {
  const column = columnOf(field)
  return descending ? sql`${column} desc nulls last` : sql`${column} asc nulls first`
}

const columnOf = ({ column, place }: FieldSpec): RawBuilder<unknown> => {
  if (place !== undefined) return keyInProcess(place)
  return column === null ? sql`cast(null as text)` : sql`${sql.ref(column)}`
}

function toSql({ field, all, tests }: Condition): Predicate {
  const { place } = field
  if (place !== undefined)
    return join(
      tests.map((test) => valueToSql(place, test)),
      all,
    )
  const equals = all ? [] : tests.filter(isPlainEqual)
  if (equals.length < 2)
    return join(
      tests.map((test) => testToSql(field, test)),
      all,
    )
  const among = sql<SqlBool>`${columnOf(field)} in (${sql.join(equals.map(({ value }) => value))})`
  const others = tests.filter((test) => !isPlainEqual(test))
  return join([among, ...others.map((test) => testToSql(field, test))], all)
}

type PlainEqual = Test & { readonly operator: '='; readonly value: Value }
const isPlainEqual = (test: Test): test is PlainEqual =>
  test.operator === '=' && !test.negate && !test.insensitive && test.value !== ''

/** A balanced tree: SQLite limits the depth of an expression, and a list may be long. */
function join(predicates: readonly Predicate[], all: boolean): Predicate {
  const [first, second] = predicates
  if (first === undefined) return sql<SqlBool>`1 = 1`
  if (second === undefined) return first
  const middle = predicates.length >> 1
  const left = join(predicates.slice(0, middle), all)
  const right = join(predicates.slice(middle), all)
  return all ? sql<SqlBool>`(${left} and ${right})` : sql<SqlBool>`(${left} or ${right})`
}

function testToSql(field: FieldSpec, test: Test): Predicate {
  const column = columnOf(field)
  if (test.operator === 'null') {
    return test.negate ? sql<SqlBool>`${column} is not null` : sql<SqlBool>`${column} is null`
  }
  const present = isBlankWhenNull(field.kind) && !isPlainEqual(test)
  const whole = present ? sql`coalesce(${column}, '')` : column
  const subject = test.insensitive ? sql`lower(${whole})` : whole
  const predicate = compare(subject, test.operator, test.value)
  return test.negate ? sql<SqlBool>`not (${predicate})` : predicate
}
