import { parse } from 'yaml'
import type { ProfileSchema } from '../../schema/types.ts'
import { templates } from '../../templates/templates.ts'
import type { Json, JsonMap } from '../../values/value.ts'
import type { InstanceState } from '../state.ts'
import { isJsonMap as isMap } from '../wire/json.ts'
import type { Play } from './plays.testing.ts'
import { didOf, makeScene } from './scene.testing.ts'

/** Each definition that comes with the language, played by chance alone: inputs follow the schemas. */
export const templatePlays: readonly Play[] = Object.values(templates).map((text): Play => {
  const document: JsonMap = parse(text)
  const roles = isMap(document.roles) ? Object.entries(document.roles) : []
  const cast = roles.map(([name, role]) => [
    name,
    isMap(role) && role.many === true ? `${name}1 ${name}2 ${name}3` : name,
  ])
  const scene = makeScene(document, Object.fromEntries(cast))
  return {
    scene,
    happy: scene.definition.roles
      .flatMap((role) => scene.parties[role] ?? [])
      .map((did) => `$join ${did.slice(didOf('').length)}`),
    inputFor: (state, step, _author, pick) => {
      const schema = scene.definition.steps.get(step)?.input
      const input = schema === undefined ? {} : sampleOf(schema, '', pick, state)
      return isMap(input) ? input : {}
    },
  }
})

const TEXTS = {
  decimal: '12.5',
  integer: '12',
  uuid: '5d1f8a52-7d0a-4c43-9d8e-0c3f6a2b1e00',
  date: '2026-11-23',
  'date-time': '2026-11-23T00:00:00Z',
  uri: 'https://example.com/',
  did: didOf('x'),
  hash: 'ab'.repeat(32),
}

function sampleOf(schema: ProfileSchema, name: string, pick: number, state: InstanceState): Json {
  if (typeof schema === 'boolean') return null
  const { const: constant, enum: choices, oneOf } = schema
  if (constant !== undefined) return constant
  if (choices !== undefined) return choices[pick % choices.length] ?? null
  if (oneOf?.[0] !== undefined)
    return sampleOf(oneOf[pick % oneOf.length] ?? false, name, pick, state)
  const held = state.situation.fields[name]
  switch (schema.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([key, property]) => [
          key,
          sampleOf(property, key, pick, state),
        ]),
      )
    case 'array':
      return Array.from({ length: Math.max(1, schema.minItems ?? 0) }, () =>
        sampleOf(schema.items ?? false, '', pick, state),
      )
    case 'integer':
      return typeof held === 'bigint' ? Number(held) : integerOf(schema, pick, state)
    case 'boolean':
      return pick % 3 !== 0
    default:
      return schema.format === undefined
        ? 'x'.repeat(Math.max(1, schema.minLength ?? 0))
        : TEXTS[schema.format]
  }
}

/** Small numbers, or times to come. */
function integerOf(
  { minimum = 0, maximum = Number.MAX_SAFE_INTEGER }: Exclude<ProfileSchema, boolean>,
  pick: number,
  { clock }: InstanceState,
): number {
  const wanted = pick % 2 === 0 ? minimum + (pick % 9) : clock + (pick % 1000) * 1000
  return Math.min(Math.max(wanted, minimum), maximum)
}
