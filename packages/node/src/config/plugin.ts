import { choice, required } from './leaves.ts'
import {
  entriesOf,
  fault,
  isAbsent,
  type Place,
  type Spec,
  suggest,
  type Value,
  within,
} from './spec.ts'

export type PluginKinds<T> = Readonly<Record<string, Spec<T>>>

/** One plugin as configured: `config` is the section named like its type. */
export type PluginValue<K extends PluginKinds<unknown>> = {
  readonly [T in keyof K & string]: {
    readonly name: string
    readonly type: T
    readonly config: Value<K[T]>
  }
}[keyof K & string]

interface Entry {
  readonly name: string
  readonly type: string
  readonly config: unknown
}

/** `{name, type, <type>: {…}}`, where `kinds` are the types there are and `foreign` FireFly's, with ours instead. */
export function plugin<K extends PluginKinds<unknown>>(
  kinds: K,
  foreign: Readonly<Record<string, string>>,
): Spec<PluginValue<K>> {
  const types = Object.keys(kinds)
  const name = required('Name that namespaces give in their `plugins`', 'give the plugin a name')
  return {
    read(raw, place) {
      const entries = entriesOf(raw, place)
      const get = (key: string): unknown =>
        entries.find(([written]) => written.toLowerCase() === key.toLowerCase())?.[1]
      const type = readType(get('type'), types, foreign, within(place, 'type'))
      for (const [written] of entries) {
        if (['name', 'type', type.toLowerCase()].includes(written.toLowerCase())) continue
        if (type !== '') refuseKey(written, type, types, within(place, written))
      }
      const entry: Entry = {
        name: name.read(get('name'), within(place, 'name')),
        type,
        config: kinds[type]?.read(get(type), within(place, type)),
      }
      // `type` is a key of `kinds`, or there is a fault and nobody sees the value.
      return entry as PluginValue<K>
    },
    describe: (path) => [
      ...name.describe(`${path}.name`),
      ...choice(types, '', 'What it is').describe(`${path}.type`),
      ...Object.entries(kinds).flatMap(([type, spec]) => spec.describe(`${path}.${type}`)),
    ],
  }
}

/** The type, or '' after a fault. */
function readType(
  raw: unknown,
  types: readonly string[],
  foreign: Readonly<Record<string, string>>,
  place: Place,
): string {
  const written = typeof raw === 'string' ? raw.toLowerCase() : ''
  const known = types.find((type) => type.toLowerCase() === written)
  if (known !== undefined) return known
  const ours = Object.hasOwn(foreign, written) ? foreign[written] : undefined
  if (ours !== undefined) fault(place, `type ${written} is not supported here`, `use ${ours}`)
  else if (isAbsent(raw)) fault(place, 'missing', `write one of: ${types.join(', ')}`)
  else fault(place, 'no such type', suggest(written, types))
  return ''
}

function refuseKey(written: string, type: string, types: readonly string[], place: Place): void {
  const isType = types.some((other) => other.toLowerCase() === written.toLowerCase())
  if (isType) fault(place, `belongs to another type than ${type}`, `remove it, or change the type`)
  else fault(place, 'unknown key', suggest(written, ['name', 'type', type]))
}
