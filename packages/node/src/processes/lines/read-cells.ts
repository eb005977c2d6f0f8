import {
  type Json,
  type JsonMap,
  type ProfileSchema,
  parseStrict,
} from '@concordat/protocol/process'

/** Texts of a table's cells as a step's input wants them. What does not fit stays a text, for the step to be refused. */
export function readCells(
  cells: ReadonlyMap<string, string>,
  schema: ProfileSchema | undefined,
): JsonMap {
  const properties = typeof schema === 'object' ? (schema.properties ?? {}) : {}
  const input: Record<string, Json> = Object.create(null)
  for (const [name, cell] of cells)
    input[name] = readCell(cell, Object.hasOwn(properties, name) ? properties[name] : undefined)
  return input
}

function readCell(cell: string, schema: ProfileSchema | undefined): Json {
  if (typeof schema !== 'object' || isText(schema)) return cell
  try {
    return parseStrict(cell)
  } catch {
    return cell
  }
}

function isText({ type, enum: values, const: value }: ProfileSchema & object): boolean {
  if (type !== undefined)
    return type === 'string' || (Array.isArray(type) && type.includes('string'))
  return [...(values ?? []), value].some((each) => typeof each === 'string')
}
