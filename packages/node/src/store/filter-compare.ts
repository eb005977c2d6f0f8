import { type RawBuilder, type SqlBool, sql } from 'kysely'
import type { Operator, Value } from './filter-condition.ts'

export type Predicate = RawBuilder<SqlBool>

/** Spelled without LIKE, whose case and escapes differ between dialects. Null compares to null. */
export function compare(subject: RawBuilder<unknown>, operator: Operator, value: Value): Predicate {
  switch (operator) {
    case '=':
      return sql<SqlBool>`${subject} = ${value}`
    case '>':
      return sql<SqlBool>`${subject} > ${value}`
    case '>=':
      return sql<SqlBool>`${subject} >= ${value}`
    case '<':
      return sql<SqlBool>`${subject} < ${value}`
    case '<=':
      return sql<SqlBool>`${subject} <= ${value}`
    case 'contains':
      // Taking out an empty text changes nothing, though every text contains one.
      if (value === '') return sql<SqlBool>`${subject} = ${subject}`
      return sql<SqlBool>`replace(${subject}, ${value}, '') <> ${subject}`
    case 'starts':
      return sql<SqlBool>`substr(${subject}, 1, ${characters(value)}) = ${value}`
    case 'ends':
      return sql<SqlBool>`substr(${subject}, length(${subject}) - ${characters(value)} + 1) = ${value}`
  }
}

/** Databases count characters, JavaScript pairs of bytes. */
const characters = (value: Value): number => [...String(value)].length
