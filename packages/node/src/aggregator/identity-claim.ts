import { didForIdentity, type Identity, identityTopic, NodeError } from '@concordat/protocol'
import { findDoubtful } from './absence.ts'
import type { Block } from './block.ts'
import type { DefinitionAt } from './definitions.ts'
import { isVouchedFor } from './identity-lookups.ts'
import type { Verdict } from './judge.ts'
import { parseIdentityClaim } from './parse-identity.ts'
import { findClash, type RegistrationDeps, register } from './registration.ts'
import { earlierRegistration, standingOf } from './standing.ts'

/** Judges a claim: who first claims a name by a key that is nobody's has it, with its parent's word where it has a parent. */
export async function claimIdentity(deps: RegistrationDeps, at: DefinitionAt): Promise<Verdict> {
  const { identity } = parseIdentityClaim(at.text, at.message.header.id)
  checkName(at, identity)
  const block =
    identity.type === 'node'
      ? await checkNodeOwner(deps, at, identity)
      : await checkOwnKey(deps, at, identity)
  if (block) return { kind: 'wait', block }
  const claimed = { identity, claim: at.message }
  const existing = findClash(deps, claimed)
  if (existing) throw new NodeError('FF10407', { message: at.message.header.id, existing })
  const isOwnWord = identity.type === 'node' || identity.parent === undefined
  if (isOwnWord || (await isVouchedFor(deps.namespace, at.settlement, at.message, identity)))
    await register(deps, at, { ...claimed, verification: null })
  return { kind: 'confirmed', correlator: identity.id }
}

/** Everything about an identity is on one topic: only so are two claims of it ordered. */
function checkName({ message: { header } }: DefinitionAt, { did, type, name, parent }: Identity) {
  const refuse = (reason: string): never => {
    throw new NodeError('FF10403', { message: header.id, reason })
  }
  if (did !== didForIdentity(type, name)) refuse('its DID is not that of its name')
  if (header.topics.length !== 1 || header.topics[0] !== identityTopic(did))
    refuse('its topic is not that of its DID')
  if (type !== 'org' && parent === undefined) throw new NodeError('FF10214', { parent: '' })
}

/** One signs for oneself; the key is bound by the first claim on the chain, whatever its topic. */
async function checkOwnKey(
  deps: RegistrationDeps,
  { settlement, pin, message: { header } }: DefinitionAt,
  { did, type, id }: Identity,
): Promise<Block | undefined> {
  const { author } = header
  if (author !== did && !(type === 'org' && author === `did:firefly:org/${id}`))
    throw new NodeError('FF10402', { message: header.id, author, expected: did })
  const by = await earlierRegistration(deps, settlement, { key: pin.signer, seq: pin.seq })
  if (by === undefined) return undefined
  return {
    kind: 'out_of_order',
    pin,
    message: header.id,
    author,
    detail: `an earlier message may register the key ${pin.signer}, and is not decided yet (pin ${by})`,
    after: [by],
  }
}

/** A node is claimed by its organisation, with the organisation's key. */
async function checkNodeOwner(
  deps: RegistrationDeps,
  { settlement, pin, message: { header } }: DefinitionAt,
  { did, type, parent = '' }: Identity,
): Promise<Block | undefined> {
  const { author } = header
  const standing = await standingOf(deps, settlement, pin)
  const by =
    standing.kind === 'undetermined'
      ? standing.by
      : standing.kind === 'outsider' &&
        (await findDoubtful(deps.namespace, settlement, pin, { signer: pin.signer }))
  if (typeof by === 'number') {
    return {
      kind: 'waiting_parent',
      pin,
      message: header.id,
      author,
      detail: `its parent ${author} is not registered; an earlier message may register it (pin ${by})`,
      after: [by],
    }
  }
  if (standing.kind === 'outsider') throw new NodeError('FF10356', { key: pin.signer })
  const owner = deps.directory.byVerifier(deps.verifierType, pin.signer)?.row
  if (owner?.did !== author) {
    const holder = owner?.did ?? ''
    throw new NodeError('FF10453', {
      signer: pin.signer,
      owner: holder,
      message: header.id,
      author,
    })
  }
  if (owner.id !== parent) throw new NodeError('FF10214', { parent })
  if (owner.type !== 'org') throw new NodeError('FF10365', { identity: did, type, parent: author })
  return undefined
}
