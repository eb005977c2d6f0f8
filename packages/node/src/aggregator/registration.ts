import {
  type BatchMessage,
  type Identity,
  NodeError,
  sortedJson,
  verifierHash,
} from '@concordat/protocol'
import type { Directory, KnownIdentity } from '../identity/directory.ts'
import type { IdentityRow, PinRow, VerifierRow } from '../store/schema.ts'
import type { Settlement } from './settlement.ts'

export interface RegistrationDeps {
  readonly namespace: string
  readonly directory: Directory
  readonly verifierType: string
  /** Told when an identity is registered or changed, after the commit. */
  readonly onIdentity: (known: KnownIdentity) => void
}

/** An identity, and the claim of it. */
export interface Claimed {
  readonly identity: Identity
  readonly claim: BatchMessage
}

/** What already stands in the way of a claim: the same identity is registered, or the key is another's. */
export function findClash(deps: RegistrationDeps, claimed: Claimed): string | undefined {
  const { directory } = deps
  const { did, id, type } = claimed.identity
  const verifier = verifierOf(deps, claimed)
  const owner = directory.byVerifier(verifier.type, verifier.value)
  // A member's key first: its claims do not wait for strangers' claims of the same name.
  if (owner && type !== 'node') return `the key of ${owner.row.did}`
  const same = directory.byDid(did) ?? directory.byId(id) ?? owner
  return same && `identity ${same.row.did}`
}

/** Makes an identity known from the next chain event on. */
export async function register(
  deps: RegistrationDeps,
  { settlement, pin }: { settlement: Settlement; pin: PinRow },
  { identity, claim, verification }: Claimed & { readonly verification: string | null },
): Promise<void> {
  const { namespace, directory } = deps
  const { tx, now } = settlement
  const { type, value } = verifierOf(deps, { identity, claim })
  const row: IdentityRow = {
    seq: tx.sequence('identities', 1),
    namespace,
    id: identity.id,
    did: identity.did,
    type: identity.type,
    parent: identity.parent ?? null,
    name: identity.name,
    description: identity.description ?? null,
    profile: identity.profile ? sortedJson(identity.profile) : null,
    claimMessage: claim.header.id,
    verificationMessage: verification,
    updateMessage: null,
    created: now,
    updated: now,
  }
  const verifier: VerifierRow = {
    seq: tx.sequence('verifiers', 1),
    namespace,
    hash: verifierHash(namespace, type, value),
    identity: row.id,
    type,
    value,
    created: now,
    position: await lastOfEvent(namespace, settlement, pin),
  }
  await directory.register(tx, row, verifier)
  if (type === deps.verifierType) await settlement.takeUpAgain(value, verifier.position)
  tx.onCommit(() => deps.onIdentity({ row, verifier }))
  settlement.addEvents([
    { type: 'identity_confirmed', reference: row.id, tx: pin.txId, topic: 'ff_definition' },
  ])
}

function verifierOf(
  { verifierType }: RegistrationDeps,
  { identity, claim }: Claimed,
): { type: VerifierRow['type']; value: string } {
  if (identity.type !== 'node') return { type: verifierType, value: claim.header.key }
  const id = identity.profile?.id
  if (typeof id !== 'string' || id === '')
    throw new NodeError('FF10403', {
      message: claim.header.id,
      reason: "a node's profile needs an 'id'",
    })
  return { type: 'dx_peer_id', value: id }
}

/**
 * Other pins of the event may be judged before or after this one, as their payloads and topics have it: so none of them
 * counts as made by the newly registered key.
 */
async function lastOfEvent(
  namespace: string,
  { tx }: Settlement,
  { protocolId, seq }: PinRow,
): Promise<number> {
  const last = await tx.db
    .selectFrom('pins')
    .select(({ fn }) => fn.max('seq').as('seq'))
    .where('namespace', '=', namespace)
    .where('protocolId', '=', protocolId)
    .executeTakeFirst()
  return Number(last?.seq ?? seq)
}
