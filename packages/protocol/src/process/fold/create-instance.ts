import { sha256Hex } from '#sha256'
import type { LoadedDefinition } from '../definition/loaded.ts'
import { canonicalJson, toCanonical } from '../values/canonical.ts'
import { lift } from '../values/lift.ts'
import { mapOf, type Value } from '../values/value.ts'
import { emptyIntents } from './intent-index.ts'
import { FOLD_LIMITS } from './limits.ts'
import { makeSituation } from './situation.ts'
import type { Frame, InstanceState, Situation } from './state.ts'
import type { Creation } from './wire/messages.ts'

/** What is known of an `ffp.create` message besides its content: alike at every member. */
export interface CreationContext {
  /** DID of its author. */
  readonly author: string
  /** Unix seconds of its block. */
  readonly time: number
  /** DIDs of the group. */
  readonly members: readonly string[]
  /** DIDs whose adoption of the definition was pinned before; they count if consent is `standing`. */
  readonly adopted: readonly string[]
}

/** Why there can be no such instance. */
export type CreationCode =
  | 'WRONG_DEFINITION'
  | 'UNKNOWN_ROLE'
  /** A role has too few parties, or too many. */
  | 'WRONG_COUNT'
  /** A party is named twice for one role. */
  | 'REPEATED_PARTY'
  /** The group's members are not exactly the parties. */
  | 'WRONG_GROUP'
  /** The author is none of the parties. */
  | 'NOT_A_PARTY'

export type CreationResult =
  | { readonly outcome: 'created'; readonly state: InstanceState }
  | { readonly outcome: 'refused'; readonly code: CreationCode }

/** A new instance, before its first decision; or why every member refuses it. Its author consents by creating it. */
export function createInstance(
  definition: LoadedDefinition,
  creation: Creation,
  context: CreationContext,
): CreationResult {
  const code = findFlaw(definition, creation, context)
  if (code !== undefined) return { outcome: 'refused', code }
  const frame = makeFrame(definition, creation.instance, creation.parties)
  const situation = firstSituation(frame, context)
  const hash = genesisHash(frame)
  const { time: clock } = context
  const state: InstanceState = {
    frame,
    situation,
    n: 0,
    clock,
    hash,
    intents: emptyIntents,
    snapshots: [{ n: 0, clock, hash, situation }],
  }
  return { outcome: 'created', state }
}

function findFlaw(
  definition: LoadedDefinition,
  creation: Creation,
  { author, members }: CreationContext,
): CreationCode | undefined {
  if (creation.definition !== definition.hash) return 'WRONG_DEFINITION'
  for (const role of Object.keys(creation.parties)) {
    if (!Object.hasOwn(definition.document.roles, role)) return 'UNKNOWN_ROLE'
  }
  const all = new Set<string>()
  for (const role of definition.roles) {
    const parties = creation.parties[role] ?? []
    if (!isRightCount(definition, role, parties.length)) return 'WRONG_COUNT'
    if (new Set(parties).size !== parties.length) return 'REPEATED_PARTY'
    for (const party of parties) all.add(party)
  }
  const group = new Set(members)
  if (group.size !== all.size || ![...all].every((did) => group.has(did))) return 'WRONG_GROUP'
  return all.has(author) ? undefined : 'NOT_A_PARTY'
}

function isRightCount({ document }: LoadedDefinition, name: string, count: number): boolean {
  const role = document.roles[name]
  if (role === undefined || role.one === true) return count === 1
  const least = role.min ?? (role.late === true ? 0 : 1)
  return count >= least && count <= (role.max ?? FOLD_LIMITS.parties)
}

/** What of an instance never changes, made ready for rules. */
export function makeFrame(
  definition: LoadedDefinition,
  instance: string,
  given: Frame['parties'],
): Frame {
  const parties: Record<string, readonly string[]> = Object.create(null)
  const rolesOf = new Map<string, Set<string>>()
  for (const role of definition.roles) {
    const list = given[role] ?? []
    parties[role] = list
    for (const did of list) rolesOf.set(did, (rolesOf.get(did) ?? new Set()).add(role))
  }
  return { instance, definition, parties, rolesOf, partiesValue: parties }
}

function firstSituation(frame: Frame, { author, time, adopted }: CreationContext): Situation {
  const { definition } = frame
  const consented = new Set([author])
  if (definition.document.govern?.consent === 'standing') {
    for (const did of adopted) consented.add(did)
  }
  const waiting = [...frame.rolesOf.keys()].filter((did) => !consented.has(did)).sort()
  const fields: Record<string, Value> = Object.create(null)
  const texts: Record<string, string> = Object.create(null)
  for (const field of definition.fields.values()) {
    const value = lift(field.default, field.schema)
    fields[field.name] = value
    texts[field.name] = canonicalJson(toCanonical(value))
  }
  return makeSituation(frame, {
    n: 0,
    waiting,
    entries: Object.assign(
      Object.create(null),
      Object.fromEntries(
        [...definition.tracks.values()].map(({ name, initial }) => [
          name,
          { stage: initial, since: time, n: 0, fired: [] },
        ]),
      ),
    ),
    fields,
    texts,
    counts: mapOf([...definition.steps.keys()].map((step) => [step, 0n])),
    operations: Object.create(null),
  })
}

/** d_0: binds the language, the definition, the instance and its parties. */
const genesisHash = ({ instance, definition, parties }: Frame): string =>
  sha256Hex(`flow/1${definition.hash}${instance}${canonicalJson(parties)}`)
