import { canonicalJson } from '../../values/canonical.ts'
import type { Json, JsonMap } from '../../values/value.ts'
import type { Payload, Seen, SubmittedStep } from '../payload.ts'
import {
  type Disclosure,
  digestOf,
  isDigest,
  isSalt,
  makeDisclosure,
  readDisclosure,
} from './disclosure.ts'
import { isCount, isJsonMap, parseValue } from './json.ts'

const VERSION = 'step/1'
const OTHER_VERSION = /^step\/[1-9][0-9]{0,5}$/
const HASH = /^[0-9a-f]{64}$/
const STEP = /^\$?[A-Za-z][A-Za-z0-9_]{0,39}$/
const ROLE = /^[A-Za-z][A-Za-z0-9_]{0,39}$/
const MAX_INTENT = 256
const MAX_DIGESTS = 512
/** Digests come in multiples of this, so that their number says little. */
const BLOCK = 8

const COMMON = ['ffp', 'p', 'def', 'e', 'step', 'role', 'intent', 'seen', 'expect']
const PLAIN_KEYS = new Set([...COMMON, 'input'])
const SEALED_KEYS = new Set([...COMMON, '_sd', 'salt'])

/** What an author says of a step in either form. */
export interface StepClaim {
  readonly instance: string
  readonly definition: string
  readonly step: string
  readonly role?: string
  readonly intent: string
  readonly seen?: Seen
  readonly expect?: { readonly n: number }
}

/** The data values of a step in its plain form, as texts: one. */
export const writePlainStep = (claim: StepClaim, input: JsonMap): readonly string[] => [
  canonicalJson({ ...claimOf(claim), input }),
]

/**
 * The data values of a step in its `_sd` form, as texts: what is claimed, and the disclosures of what all may see. Each
 * salt has at least 128 random bits, as base64url; one more keeps others from guessing the claim by its hash.
 */
export function writeSealedStep(
  claim: StepClaim,
  input: JsonMap,
  newSalt: () => string,
): readonly string[] {
  const open = Object.entries(input).map(([name, value]) => makeDisclosure(newSalt(), name, value))
  const digests = open.map(({ digest }) => digest)
  const count = BLOCK * Math.max(1, Math.ceil(digests.length / BLOCK))
  while (digests.length < count) digests.push(digestOf(newSalt()))
  return [
    canonicalJson({ ...claimOf(claim), _sd: digests.sort(), salt: newSalt() }),
    canonicalJson(open.map(({ text }) => text)),
  ]
}

const claimOf = ({ instance, definition, step, role, intent, seen, expect }: StepClaim) => ({
  ffp: VERSION,
  p: instance,
  def: definition,
  e: 0,
  step,
  intent,
  ...(role === undefined ? {} : { role }),
  ...(seen === undefined ? {} : { seen: { n: seen.n, h: seen.h } }),
  ...(expect === undefined ? {} : { expect: { n: expect.n } }),
})

/** Reads the data values of an `ffp.step` message. Whatever they are, there is an answer. */
export function readStep(values: readonly (string | undefined)[]): Payload {
  const claim = parseValue(values[0])
  if (!isJsonMap(claim) || typeof claim.p !== 'string') return MALFORMED
  if (claim.ffp !== VERSION) return otherVersion(claim.ffp, claim.p)
  const common = readCommon(claim)
  if (common === undefined) return MALFORMED
  const input = '_sd' in claim ? readSealed(claim, values) : readPlain(claim, values)
  return input === undefined ? MALFORMED : { kind: 'step', step: { ...common, ...input } }
}

const MALFORMED: Payload = { kind: 'void', code: 'MALFORMED' }

const otherVersion = (version: Json | undefined, instance: string): Payload =>
  typeof version === 'string' && OTHER_VERSION.test(version)
    ? { kind: 'unknown', instance, version }
    : MALFORMED

type Common = Omit<SubmittedStep, 'input' | 'broken'>
type Input = Pick<SubmittedStep, 'input' | 'broken'>

function readCommon(claim: JsonMap): Common | undefined {
  const { p, def, e, step, role, intent, seen, expect } = claim
  if (typeof p !== 'string' || typeof def !== 'string' || !HASH.test(def)) return undefined
  if (!isCount(e) || typeof step !== 'string' || !STEP.test(step)) return undefined
  if (role !== undefined && (typeof role !== 'string' || !ROLE.test(role))) return undefined
  if (typeof intent !== 'string' || intent === '' || intent.length > MAX_INTENT) return undefined
  const common = { instance: p, definition: def, epoch: e, step, intent }
  const sawWhat = readSeen(seen)
  const expected = readExpect(expect)
  if (sawWhat === MISFORMED || expected === MISFORMED) return undefined
  return {
    ...common,
    ...(role === undefined ? {} : { role }),
    ...(sawWhat === undefined ? {} : { seen: sawWhat }),
    ...(expected === undefined ? {} : { expect: expected }),
  }
}

const MISFORMED = Symbol('misformed')

function readSeen(seen: Json | undefined): Seen | undefined | typeof MISFORMED {
  if (seen === undefined) return undefined
  if (!isJsonMap(seen) || Object.keys(seen).length !== 2) return MISFORMED
  const { n, h } = seen
  return isCount(n) && typeof h === 'string' && HASH.test(h) ? { n, h } : MISFORMED
}

function readExpect(expect: Json | undefined): { n: number } | undefined | typeof MISFORMED {
  if (expect === undefined) return undefined
  if (!isJsonMap(expect) || Object.keys(expect).length !== 1) return MISFORMED
  return isCount(expect.n) ? { n: expect.n } : MISFORMED
}

function readPlain(claim: JsonMap, values: readonly unknown[]): Input | undefined {
  if (values.length !== 1 || !hasOnly(claim, PLAIN_KEYS)) return undefined
  return isJsonMap(claim.input) ? { input: claim.input, broken: false } : undefined
}

function readSealed(claim: JsonMap, values: readonly (string | undefined)[]): Input | undefined {
  // Further values are attachments, whose hashes the input may hold.
  if (values.length < 2 || !hasOnly(claim, SEALED_KEYS) || !isSalt(claim.salt)) return undefined
  const digests = readDigests(claim._sd)
  const open = readOpen(parseValue(values[1]))
  if (digests === undefined || open === undefined) return undefined
  const input: Record<string, Json> = Object.create(null)
  for (const { name, value } of open) {
    if (name in input) return undefined
    input[name] = value
  }
  return { input, broken: !open.every(({ digest }) => digests.has(digest)) }
}

function readDigests(list: Json | undefined): ReadonlySet<string> | undefined {
  if (!Array.isArray(list) || list.length > MAX_DIGESTS || list.length % BLOCK !== 0) {
    return undefined
  }
  const digests = list.filter(isDigest)
  const sorted = digests.every((digest, i) => i === 0 || digest > (digests[i - 1] ?? ''))
  return digests.length === list.length && sorted ? new Set(digests) : undefined
}

function readOpen(list: Json | undefined): readonly Disclosure[] | undefined {
  if (!Array.isArray(list) || list.length > MAX_DIGESTS) return undefined
  const open: Disclosure[] = []
  for (const text of list) {
    const disclosure = typeof text === 'string' ? readDisclosure(text) : undefined
    if (disclosure === undefined) return undefined
    open.push(disclosure)
  }
  return open
}

const hasOnly = (map: JsonMap, keys: ReadonlySet<string>): boolean =>
  Object.keys(map).every((key) => keys.has(key))
