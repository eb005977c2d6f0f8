import { identityTopic, NodeError, sortedJson } from '@concordat/protocol'
import type { IdentityRow } from '../store/schema.ts'
import type { DefinitionAt } from './definitions.ts'
import { claimIdentity } from './identity-claim.ts'
import { findClaims, sameBase } from './identity-lookups.ts'
import type { Verdict } from './judge.ts'
import {
  parseIdentityClaim,
  parseIdentityUpdate,
  parseIdentityVerification,
} from './parse-identity.ts'
import { findClash, type RegistrationDeps, register } from './registration.ts'
import { earlierOn, earlierRegistration } from './standing.ts'

export interface IdentityDefinitions {
  claim(at: DefinitionAt): Promise<Verdict>
  verify(at: DefinitionAt): Promise<Verdict>
  update(at: DefinitionAt): Promise<Verdict>
}

const CONFIRMED: Verdict = { kind: 'confirmed' }

/** What claims, parents' words and updates come to. Each throws what it is rejected for. */
export const createIdentityDefinitions = (deps: RegistrationDeps): IdentityDefinitions => ({
  claim: (at) => claimIdentity(deps, at),
  verify: (at) => verify(deps, at),
  update: (at) => update(deps, at),
})

async function verify(deps: RegistrationDeps, at: DefinitionAt): Promise<Verdict> {
  const { directory, namespace } = deps
  const { header } = at.message
  const { claim, identity } = parseIdentityVerification(at.text, header.id)
  // The claim is by a key that is nobody's yet: its pin does not hold this one back by itself.
  const earlier = await earlierOn(deps, at.settlement, at.pin)
  if (earlier !== undefined) return waitFor(at, earlier)
  const parent = directory.byDid(header.author)?.row
  if (!parent || parent.id !== identity.parent)
    throw new NodeError('FF10408', { message: header.id, identity: identity.parent ?? '' })
  if (parent.type !== 'org' && (parent.type !== 'custom' || identity.type !== 'custom'))
    throw new NodeError('FF10365', {
      identity: identity.did,
      type: identity.type,
      parent: parent.did,
    })
  const topic = header.topics.join(',')
  const claims = await findClaims(namespace, at.settlement, { id: claim.id, topic })
  const found = claims.find(({ hash }) => hash === claim.hash)
  if (!found) {
    const [other] = claims
    if (!other) return CONFIRMED
    const { id: message } = header
    throw new NodeError('FF10410', { message, stated: claim.hash, actual: other.hash })
  }
  const claimed = {
    identity: parseIdentityClaim(found.text, found.id).identity,
    claim: found.message,
  }
  if (!sameBase(claimed.identity, identity))
    throw new NodeError('FF10403', {
      message: header.id,
      reason: 'it names another identity than the claim',
    })
  const { key } = found.message.header
  const byKey = await earlierRegistration(deps, at.settlement, { key, seq: at.pin.seq })
  if (byKey !== undefined) return waitFor(at, byKey)
  if (!findClash(deps, claimed)) await register(deps, at, { ...claimed, verification: header.id })
  return CONFIRMED
}

function waitFor({ pin, message: { header } }: DefinitionAt, by: number): Verdict {
  const { id: message, author } = header
  const detail = `an earlier claim may not be decided yet (pin ${by})`
  return {
    kind: 'wait',
    block: { kind: 'missing_claim', pin, message, author, detail, after: [by] },
  }
}

async function update(deps: RegistrationDeps, at: DefinitionAt): Promise<Verdict> {
  const { directory } = deps
  const { header } = at.message
  const { identity, updates } = parseIdentityUpdate(at.text, header.id)
  const known = directory.byDid(identity.did)
  if (!known || known.row.id !== identity.id)
    throw new NodeError('FF10408', { message: header.id, identity: identity.did })
  if (header.topics.length !== 1 || header.topics[0] !== identityTopic(identity.did))
    throw new NodeError('FF10403', {
      message: header.id,
      reason: 'its topic is not that of its DID',
    })
  const owner = known.row.type === 'node' ? directory.byId(known.row.parent ?? '') : known
  checkAuthor(at, owner?.row.did ?? '')
  const row: IdentityRow = {
    ...known.row,
    description: updates.description ?? null,
    profile: updates.profile ? sortedJson(updates.profile) : null,
    updateMessage: header.id,
    updated: at.settlement.now,
  }
  await directory.update(at.settlement.tx, row)
  at.settlement.tx.onCommit(() => deps.onIdentity({ ...known, row }))
  at.settlement.addEvents([
    { type: 'identity_updated', reference: row.id, tx: at.pin.txId, topic: 'ff_definition' },
  ])
  return { kind: 'confirmed', correlator: row.id }
}

function checkAuthor({ message: { header } }: DefinitionAt, expected: string): void {
  const { id: message, author } = header
  if (author !== expected) throw new NodeError('FF10409', { message, author, expected })
}
