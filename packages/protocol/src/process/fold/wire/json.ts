import { NodeError } from '../../../errors/node-error.ts'
import { parseStrict } from '../../values/parse-strict.ts'
import type { Json, JsonMap } from '../../values/value.ts'

/** A data value's text as strict JSON; undefined if it is none. */
export function parseValue(text: string | Uint8Array | undefined): Json | undefined {
  if (text === undefined) return undefined
  try {
    return parseStrict(text)
  } catch (error) {
    if (error instanceof NodeError) return undefined
    throw error
  }
}

export const isJsonMap = (json: Json | undefined): json is JsonMap =>
  typeof json === 'object' && json !== null && !Array.isArray(json)

/** True for whole numbers from 0. */
export const isCount = (json: Json | undefined): json is number =>
  typeof json === 'number' && Number.isSafeInteger(json) && json >= 0
