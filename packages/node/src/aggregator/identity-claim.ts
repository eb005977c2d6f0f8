import { didForIdentity, type Identity, identityTopic, NodeError } from '@concordat/protocol'
import type { KnownIdentity } from '../identity/directory.ts'
import type { DefinitionAt } from './definitions.ts'
import { isVouchedFor } from './identity-lookups.ts'
import { earlierRegistration } from './identity-order.ts'
import type { Verdict } from './judge.ts'
import { parseIdentityClaim } from './parse-identity.ts'
import { findClash, type RegistrationDeps, register } from './registration.ts'

/** Judges a claim: who first claims a name by a key that is nobody's has it, with its parent's word where it has a parent. */
export async function claimIdentity(deps: RegistrationDeps, at: DefinitionAt): Promise<Verdict> {
  const { identity } = parseIdentityClaim(at.text, at.message.header.id)
  checkName(at, identity)
  const earlier = await earlierRegistration(deps.namespace, at)
  if (earlier) return { kind: 'wait', block: forParent(deps, identity, earlier) }
  const parent = checkParent(deps, identity)
  checkAuthor(deps, at, identity, parent)
  const claimed = { identity, claim: at.message }
  const existing = findClash(deps, claimed)
  if (existing) throw new NodeError('FF10407', { message: at.message.header.id, existing })
  const confirmed: Verdict = { kind: 'confirmed', correlator: identity.id }
  const needsWord = identity.type !== 'node' && parent !== undefined
  if (
    needsWord &&
    !(await isVouchedFor(deps.namespace, at.settlement, at.message, identity, parent))
  )
    return confirmed
  await register(deps, at, { ...claimed, verification: null })
  return confirmed
}

/** Everything about an identity is on one topic: only so are two claims of it ordered. */
export function checkName({ message: { header } }: DefinitionAt, { did, type, name }: Identity) {
  const refuse = (reason: string): never => {
    throw new NodeError('FF10403', { message: header.id, reason })
  }
  if (did !== didForIdentity(type, name)) refuse('its DID is not that of its name')
  if (header.topics.length !== 1 || header.topics[0] !== identityTopic(did))
    refuse('its topic is not that of its DID')
}

type Earlier = Exclude<Awaited<ReturnType<typeof earlierRegistration>>, undefined>

function forParent({ directory }: RegistrationDeps, { parent }: Identity, block: Earlier): Earlier {
  if (parent === undefined || directory.byId(parent)) return block
  const detail = `parent identity ${parent} is not registered; ${block.detail}`
  return { ...block, kind: 'waiting_parent', detail }
}

function checkParent(
  { directory }: RegistrationDeps,
  { parent: id, type, did }: Identity,
): KnownIdentity | undefined {
  if (id === undefined) {
    if (type === 'org') return undefined
    throw new NodeError('FF10214', { parent: '' })
  }
  const parent = directory.byId(id)
  if (!parent) throw new NodeError('FF10214', { parent: id })
  const allowed = type === 'custom' ? ['org', 'custom'] : ['org']
  if (!allowed.includes(parent.row.type))
    throw new NodeError('FF10365', { identity: did, type, parent: parent.row.did })
  return parent
}

/** One signs for oneself; a node is claimed by its organisation, with the organisation's key. */
function checkAuthor(
  { directory, verifierType }: RegistrationDeps,
  { message: { header }, pin }: DefinitionAt,
  identity: Identity,
  parent: KnownIdentity | undefined,
): void {
  const { author, id } = header
  const expected = (identity.type === 'node' ? parent?.row.did : identity.did) ?? ''
  const byId = identity.type === 'org' && author === `did:firefly:org/${identity.id}`
  if (author !== expected && !byId)
    throw new NodeError('FF10402', { message: id, author, expected })
  if (identity.type !== 'node') return
  const owner = directory.byVerifier(verifierType, pin.signer)
  if (!owner || owner.verifier.position >= pin.seq)
    throw new NodeError('FF10356', { key: pin.signer })
  if (owner.row.did !== author)
    throw new NodeError('FF10453', {
      signer: pin.signer,
      owner: owner.row.did,
      message: id,
      author,
    })
}
