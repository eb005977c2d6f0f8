import type { CompiledQuery, Kysely } from 'kysely'
import type { Tables } from './schema.ts'

type Value = string | number | null
type Given = Readonly<Record<string, Value | readonly Value[]>>

/** A query as it is built: what kysely's builders have in common. */
interface Built<Row> {
  compile(): CompiledQuery
  execute(): Promise<Row[]>
}

/** Stands for a parameter, or for one of a list, while a query is built. */
class Placeholder {
  readonly #name: string
  readonly #index: number | undefined

  constructor(name: string, index?: number) {
    this.#name = name
    this.#index = index
  }

  valueOf(given: Given): unknown {
    const value = given[this.#name]
    return Array.isArray(value) ? value[this.#index ?? 0] : value
  }
}

/**
 * A query for a busy road: built and compiled once a database, and once more for each length of a list among its parameters;
 * then run with others. Building one costs more than running it. `build` hands the parameters to kysely as values and may do
 * nothing else with them: they are none yet.
 */
export function prepared<Parameters extends Given, Row>(
  build: (db: Kysely<Tables>, parameters: Parameters) => Built<Row>,
): (db: Kysely<Tables>, parameters: Parameters) => Promise<Row[]> {
  const compiled = new WeakMap<Kysely<Tables>, Map<string, CompiledQuery<Row>>>()
  return async (db, given) => {
    const shapes = compiled.get(db) ?? new Map<string, CompiledQuery<Row>>()
    compiled.set(db, shapes)
    const shape = shapeOf(given)
    let query = shapes.get(shape)
    if (query === undefined) {
      // The placeholders stand where values will.
      query = build(db, placeholdersFor(given) as Parameters).compile()
      shapes.set(shape, query)
    }
    const parameters = query.parameters.map((each) =>
      each instanceof Placeholder ? each.valueOf(given) : each,
    )
    const { rows } = await db.executeQuery<Row>({ ...query, parameters })
    return rows
  }
}

function shapeOf(given: Given): string {
  let shape = ''
  for (const name in given) {
    const value = given[name]
    if (Array.isArray(value)) shape += `${value.length},`
  }
  return shape
}

function placeholdersFor(given: Given): object {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.map((_, i) => new Placeholder(name, i)) : new Placeholder(name),
    ]),
  )
}
