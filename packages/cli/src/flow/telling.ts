import {
  canonicalJson,
  type JsonMap,
  type LoadedDefinition,
  RuleFault,
} from '@concordat/protocol/process'
import type { Path } from './place.ts'
import { isTable, type Reader } from './reader.ts'
import type { Scenario } from './scenario.ts'
import { toDid } from './tags.ts'

/** A story and the definition that it is told of. */
export interface Telling {
  readonly reader: Reader
  readonly definition: LoadedDefinition
  /** DIDs by role. */
  readonly parties: Scenario['parties']
}

/** Each party once. */
export const membersOf = (parties: Scenario['parties']): readonly string[] => [
  ...new Set(Object.values(parties).flat()),
]

/** The DID of a party of this process. */
export function readParty(
  { reader, parties }: Telling,
  json: unknown,
  path: Path,
): string | undefined {
  const name = reader.text(json, path)
  if (name === undefined) return undefined
  const members = membersOf(parties)
  if (members.includes(toDid(name))) return toDid(name)
  const known = members.map(nameOf).join(', ')
  return reader.complain(path, `"${name}" is none of the parties`, `Use one of: ${known}.`)
}

/** A party as people call it. */
export const nameOf = (did: string): string => did.replace(/^did:firefly:org\//, '')

/** JSON as a message can carry it. */
export function readJson(reader: Reader, json: unknown, path: Path): JsonMap {
  const table = reader.table(json, path)
  if (table === undefined) return {}
  try {
    const copy: unknown = JSON.parse(canonicalJson(table))
    return isJsonMap(copy) ? copy : {}
  } catch (error) {
    if (!(error instanceof RuleFault)) throw error
    const fraction = findFraction(table, path)
    const mend = 'Write fractions as texts, in quotes: "112.50".'
    reader.complain(fraction ?? path, 'this is not plain JSON of whole numbers', mend)
    return {}
  }
}

const isJsonMap = (json: unknown): json is JsonMap => isTable(json)

function findFraction(value: unknown, path: Path): Path | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? undefined : path
  if (typeof value !== 'object' || value === null) return undefined
  for (const [key, inner] of Object.entries(value)) {
    const found = findFraction(inner, [...path, Array.isArray(value) ? Number(key) : key])
    if (found !== undefined) return found
  }
  return undefined
}
