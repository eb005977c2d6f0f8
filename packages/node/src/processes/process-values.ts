import {
  type InstanceState,
  type Json,
  type ProfileSchema,
  valueToJson,
} from '@concordat/protocol/process'
import { keyOf } from '../store/value-key.ts'

export interface KeyedValue {
  readonly name: string
  readonly key: string
}

/** What an instance is found by, as far as it changed: names whose entries are to be replaced, and the new ones. */
export function valuesOfState(
  before: InstanceState | undefined,
  after: InstanceState,
): { readonly names: string[]; readonly values: readonly KeyedValue[] } {
  const names: string[] = []
  const values: KeyedValue[] = []
  const add = (name: string, found: readonly Json[], schema?: ProfileSchema): void => {
    names.push(name)
    for (const key of found.flatMap((value) => keyOf(value, schema) ?? []))
      values.push({ name, key })
  }
  if (!before)
    for (const [role, parties] of Object.entries(after.frame.parties)) add(`party.${role}`, parties)
  for (const [track, { stage }] of Object.entries(after.situation.entries))
    if (before?.situation.entries[track]?.stage !== stage) add(`stage.${track}`, [stage])
  for (const { name, schema } of after.frame.definition.fields.values()) {
    if (before && before.situation.texts[name] === after.situation.texts[name]) continue
    const value = valueToJson(after.situation.fields[name] ?? null, schema)
    add(`state.${name}`, [value], schema)
  }
  return { names, values }
}
