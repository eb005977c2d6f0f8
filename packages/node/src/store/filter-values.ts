import { type RawBuilder, type SqlBool, sql } from 'kysely'
import { compare, type Predicate } from './filter-compare.ts'
import type { Operator, Test } from './filter-condition.ts'
import type { ValuePlace } from './filter-fields.ts'
import { keysOfText } from './value-key.ts'

/** One comparison with what processes hold. Those that hold nothing there never match, whatever is negated. */
export function valueToSql(place: ValuePlace, test: Test): Predicate {
  if (test.operator === 'null') return test.negate ? among(place) : sql`not (${among(place)})`
  const matching = among(place, keyMatches(test))
  return test.negate ? sql`(${among(place)} and not (${matching}))` : matching
}

/** A process's key at a place, to sort by. */
export const keyInProcess = (place: ValuePlace): RawBuilder<unknown> =>
  sql`(select min(key) from process_values where namespace = ${place.namespace} and process = processes.id and ${nameIs(place)})`

const among = (place: ValuePlace, matches: Predicate = sql<SqlBool>`1 = 1`): Predicate =>
  sql`id in (select process from process_values where namespace = ${place.namespace} and ${nameIs(place)} and ${matches})`

/** `party` is any role. */
const nameIs = ({ name }: ValuePlace): Predicate =>
  name === 'party' ? sql`name >= 'party.' and name < 'party/'` : sql`name = ${name}`

type Comparison = Exclude<Test, { readonly operator: 'null' }>

function keyMatches({ operator, insensitive, value }: Comparison): Predicate {
  const text = String(value)
  if (insensitive || operator === 'contains' || operator === 'starts' || operator === 'ends') {
    const held = insensitive ? sql`lower(substr(key, 2))` : sql`substr(key, 2)`
    return sql`(key >= 's' and key < 't' and ${compare(held, operator, text)})`
  }
  const keys = keysOfText(text)
  if (operator === '=') return sql`key in (${sql.join(keys)})`
  const kinds = keys.map((key) => within(key, operator))
  return sql`(${sql.join(kinds, sql` or `)})`
}

/** Compared with a key, among those of its kind. */
function within(key: string, operator: Operator): Predicate {
  const kind = key.charAt(0)
  const next = String.fromCharCode(kind.charCodeAt(0) + 1)
  return sql`(key >= ${kind} and key < ${next} and ${compare(sql`key`, operator, key)})`
}
