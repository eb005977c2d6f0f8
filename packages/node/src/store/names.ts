import {
  CamelCasePlugin,
  type PluginTransformResultArgs,
  type QueryResult,
  type UnknownRow,
} from 'kysely'

const snakes = (camel: string): string =>
  camel.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
const camels = (snake: string): string =>
  snake.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

export { camels as snakeToCamel, snakes as camelToSnake }

/** Writes queries in snake_case. Rows come from our own drivers, which have renamed the columns once per statement. */
export class SnakeCaseQueries extends CamelCasePlugin {
  override async transformResult({
    result,
  }: PluginTransformResultArgs): Promise<QueryResult<UnknownRow>> {
    return result
  }
}

/** Turns rows of bare values into objects. Every row gets its keys in the same order, hence the same shape. */
export function nameValues(
  keys: readonly string[],
  rows: readonly (readonly unknown[])[],
): UnknownRow[] {
  return rows.map((values) => {
    const row: UnknownRow = {}
    for (let i = 0; i < keys.length; i++) row[keys[i] ?? ''] = values[i]
    return row
  })
}
