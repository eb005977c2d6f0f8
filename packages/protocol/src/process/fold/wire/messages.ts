import { canonicalJson } from '../../values/canonical.ts'
import type { Json, JsonMap } from '../../values/value.ts'
import type { Payload } from '../payload.ts'
import { isJsonMap, parseValue } from './json.ts'
import { readStep } from './step-message.ts'

/** Tags of the messages that processes send. */
export const processTags = {
  definition: 'ffp.def',
  adoption: 'ffp.adopt',
  creation: 'ffp.create',
  step: 'ffp.step',
  tick: 'ffp.tick',
} as const

const HASH = /^[0-9a-f]{64}$/
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const ROLE = /^[A-Za-z][A-Za-z0-9_]{0,39}$/
const DID = /^did:[!-~]{1,252}$/

/** A new instance, as its creator announces it to the others. */
export interface Creation {
  readonly instance: string
  /** Hash of the definition. */
  readonly definition: string
  /** DIDs by role. */
  readonly parties: { readonly [role: string]: readonly string[] }
}

/** On which topic an instance's messages are ordered. */
export const instanceTopic = (instance: string): string => `ffp-${instance}`

/** The instance whose topic this is; undefined if it is none. */
export function instanceOfTopic(topic: string): string | undefined {
  const instance = topic.startsWith('ffp-') ? topic.slice(4) : ''
  return UUID.test(instance) ? instance : undefined
}

/** The data value of `ffp.def`: a definition for all to read. */
export const writeDefinition = (definition: JsonMap): string =>
  canonicalJson({ ffp: 'def/1', definition })

/** The definition that an `ffp.def` message carries, not yet checked; undefined if it is misformed. */
export function readDefinition(values: readonly (string | undefined)[]): JsonMap | undefined {
  const body = readBody('def/1', values, ['definition'])
  return isJsonMap(body?.definition) ? body.definition : undefined
}

/** The data value of `ffp.adopt`: the author is ready to take part in processes of this definition. */
export const writeAdoption = (definition: string): string =>
  canonicalJson({ ffp: 'adopt/1', def: definition })

/** The hash of the definition that an `ffp.adopt` message adopts; undefined if it is misformed. */
export function readAdoption(values: readonly (string | undefined)[]): string | undefined {
  const def = readBody('adopt/1', values, ['def'])?.def
  return typeof def === 'string' && HASH.test(def) ? def : undefined
}

/** The data value of `ffp.create`. */
export const writeCreation = ({ instance, definition, parties }: Creation): string =>
  canonicalJson({ ffp: 'create/1', p: instance, def: definition, e: 0, parties })

/** What an `ffp.create` message says; undefined if it is misformed. `createInstance` checks it against the definition. */
export function readCreation(values: readonly (string | undefined)[]): Creation | undefined {
  const body = readBody('create/1', values, ['p', 'def', 'e', 'parties'])
  if (body === undefined || body.e !== 0 || !isJsonMap(body.parties)) return undefined
  const { p, def } = body
  if (typeof p !== 'string' || !UUID.test(p)) return undefined
  if (typeof def !== 'string' || !HASH.test(def)) return undefined
  const parties: Record<string, readonly string[]> = Object.create(null)
  for (const [role, list] of Object.entries(body.parties)) {
    const members = readMembers(list)
    if (!ROLE.test(role) || members === undefined) return undefined
    parties[role] = members
  }
  return { instance: p, definition: def, parties }
}

/** The data value of `ffp.tick`: nothing but a reason to look at the clock. */
export const writeTick = (instance: string): string => canonicalJson({ ffp: 'tick/1', p: instance })

/** Reads the data values of an `ffp.tick` message. Whatever they are, there is an answer. */
export function readTick(values: readonly (string | undefined)[]): Payload {
  const instance = readBody('tick/1', values, ['p'])?.p
  return typeof instance === 'string'
    ? { kind: 'tick', instance }
    : { kind: 'void', code: 'MALFORMED' }
}

/** What a message on an instance's topic says; undefined for a tag that the fold takes no notice of. */
export function readPayload(
  tag: string | undefined,
  values: readonly (string | undefined)[],
): Payload | undefined {
  if (tag === processTags.step) return readStep(values)
  return tag === processTags.tick ? readTick(values) : undefined
}

function readBody(
  version: string,
  values: readonly (string | undefined)[],
  keys: readonly string[],
): JsonMap | undefined {
  const body = values.length === 1 ? parseValue(values[0]) : undefined
  if (!isJsonMap(body) || body.ffp !== version) return undefined
  return Object.keys(body).every((key) => key === 'ffp' || keys.includes(key)) ? body : undefined
}

function readMembers(list: Json | undefined): readonly string[] | undefined {
  if (!Array.isArray(list)) return undefined
  const isDid = (did: Json): did is string => typeof did === 'string' && DID.test(did)
  const members = list.filter(isDid)
  return members.length === list.length ? members : undefined
}
