import {
  type BatchMessage,
  didForIdentity,
  type Identity,
  type IdentityBase,
  NodeError,
  sortedJson,
  verifierHash,
} from '@concordat/protocol'
import type { Directory, KnownIdentity } from '../identity/directory.ts'
import type { IdentityRow, MessageRow, PinRow, VerifierRow } from '../store/schema.ts'
import { rowToMessage } from '../store/tables/messages.ts'
import type { DefinitionAt } from './definitions.ts'
import { rejected, type Verdict } from './judge.ts'
import {
  parseIdentityClaim,
  parseIdentityUpdate,
  parseIdentityVerification,
} from './parse-identity.ts'
import type { Settlement } from './settlement.ts'

export interface IdentityDefinitions {
  claim(at: DefinitionAt): Promise<Verdict>
  verify(at: DefinitionAt): Promise<Verdict>
  update(at: DefinitionAt): Promise<Verdict>
}

export interface IdentityDefinitionDeps {
  readonly namespace: string
  readonly directory: Directory
  readonly verifierType: string
  /** Told when an identity is registered or changed, after the commit. */
  readonly onIdentity: (known: KnownIdentity) => void
}

const CONFIRMED: Verdict = { kind: 'confirmed' }

export function createIdentityDefinitions(deps: IdentityDefinitionDeps): IdentityDefinitions {
  const { directory } = deps

  async function claim(at: DefinitionAt): Promise<Verdict> {
    const { identity } = parseIdentityClaim(at.text, at.message.header.id)
    const chain = checkParents(deps, at, identity)
    if (chain.kind === 'wait') return chain
    const expected = identity.type === 'node' ? chain.parent?.row.did : identity.did
    const { author, id } = at.message.header
    if (
      author !== expected &&
      !(identity.type === 'org' && author === `did:firefly:org/${identity.id}`)
    ) {
      return rejected(new NodeError('FF10402', { message: id, author, expected: expected ?? '' }))
    }
    const clash = findClash(deps, at, identity)
    if (clash) return rejected(new NodeError('FF10407', { message: id, existing: clash }))
    const needsVerification = identity.type !== 'node' && identity.parent !== undefined
    if (
      needsVerification &&
      !(await findVerification(deps, at.settlement, at.message, identity, chain.parent))
    )
      return CONFIRMED
    await register(deps, at, { identity, claim: at.message, verification: null })
    return { kind: 'confirmed', correlator: identity.id }
  }

  async function verify(at: DefinitionAt): Promise<Verdict> {
    const { header } = at.message
    const verification = parseIdentityVerification(at.text, header.id)
    const parent = verification.identity.parent
      ? directory.byId(verification.identity.parent)
      : undefined
    if (!parent)
      return rejected(
        new NodeError('FF10408', {
          message: header.id,
          identity: verification.identity.parent ?? '',
        }),
      )
    if (parent.row.did !== header.author)
      return rejected(
        new NodeError('FF10409', {
          message: header.id,
          author: header.author,
          expected: parent.row.did,
        }),
      )
    const found = await findConfirmed(deps, at.settlement, verification.claim.id)
    if (!found) return CONFIRMED
    if (found.hash !== verification.claim.hash) {
      return rejected(
        new NodeError('FF10410', {
          message: header.id,
          stated: verification.claim.hash,
          actual: found.hash,
        }),
      )
    }
    const { identity } = parseIdentityClaim(found.text, found.id)
    if (!sameBase(identity, verification.identity))
      return rejected(
        new NodeError('FF10403', {
          message: header.id,
          reason: 'it names another identity than the claim',
        }),
      )
    if (
      !directory.byId(identity.id) &&
      !findClash(deps, { ...at, message: found.message }, identity)
    ) {
      await register(deps, at, { identity, claim: found.message, verification: header.id })
    }
    return CONFIRMED
  }

  async function update(at: DefinitionAt): Promise<Verdict> {
    const { header } = at.message
    const { identity, updates } = parseIdentityUpdate(at.text, header.id)
    const known = directory.byId(identity.id)
    if (!known || known.row.did !== identity.did)
      return rejected(new NodeError('FF10408', { message: header.id, identity: identity.did }))
    const expected =
      known.row.type === 'node' ? directory.byId(known.row.parent ?? '')?.row.did : known.row.did
    if (header.author !== expected)
      return rejected(
        new NodeError('FF10409', {
          message: header.id,
          author: header.author,
          expected: expected ?? '',
        }),
      )
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

  return { claim, verify, update }
}

type Parents =
  | { readonly kind: 'known'; readonly parent: KnownIdentity | undefined }
  | Extract<Verdict, { kind: 'wait' }>

function checkParents(
  { directory }: IdentityDefinitionDeps,
  { pin, message }: DefinitionAt,
  identity: Identity,
): Parents {
  if (identity.did !== didForIdentity(identity.type, identity.name))
    throw new NodeError('FF10403', {
      message: message.header.id,
      reason: 'its DID is not that of its name',
    })
  if (identity.parent === undefined) {
    if (identity.type !== 'org')
      throw new NodeError('FF10403', { message: message.header.id, reason: 'it needs a parent' })
    return { kind: 'known', parent: undefined }
  }
  const parent = directory.byId(identity.parent)
  if (!parent) {
    return {
      kind: 'wait',
      block: {
        kind: 'waiting_parent',
        pin,
        message: message.header.id,
        author: message.header.author,
        detail: `parent identity ${identity.parent} is not registered yet`,
      },
    }
  }
  const allowed = identity.type === 'custom' ? ['org', 'custom'] : ['org']
  if (!allowed.includes(parent.row.type))
    throw new NodeError('FF10365', {
      identity: identity.did,
      type: identity.type,
      parent: parent.row.did,
    })
  return { kind: 'known', parent }
}

const sameBase = (a: IdentityBase, b: IdentityBase): boolean =>
  a.id === b.id &&
  a.did === b.did &&
  a.type === b.type &&
  (a.parent ?? '') === (b.parent ?? '') &&
  a.name === b.name

function verifierOf(
  { verifierType }: IdentityDefinitionDeps,
  identity: Identity,
  message: BatchMessage,
): { type: VerifierRow['type']; value: string } {
  if (identity.type !== 'node') return { type: verifierType, value: message.header.key }
  const id = identity.profile?.['id']
  if (typeof id !== 'string' || id === '')
    throw new NodeError('FF10403', {
      message: message.header.id,
      reason: "a node's profile needs an 'id'",
    })
  return { type: 'dx_peer_id', value: id }
}

/** What already stands in the way of a claim: the same identity is registered, or the key is another's. */
function findClash(
  deps: IdentityDefinitionDeps,
  { message }: DefinitionAt,
  identity: Identity,
): string | undefined {
  const { directory } = deps
  const same = directory.byDid(identity.did) ?? directory.byId(identity.id)
  if (same) return `identity ${same.row.did}`
  const { type, value } = verifierOf(deps, identity, message)
  const owner = directory.byVerifier(type, value)
  return owner && `the key of ${owner.row.did}`
}

interface Registration {
  readonly identity: Identity
  readonly claim: BatchMessage
  readonly verification: string | null
}

async function register(
  deps: IdentityDefinitionDeps,
  { settlement, pin }: { settlement: Settlement; pin: PinRow },
  { identity, claim, verification }: Registration,
): Promise<void> {
  const { namespace, directory } = deps
  const { tx, now } = settlement
  const { type, value } = verifierOf(deps, identity, claim)
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
    position: pin.seq,
  }
  await directory.register(tx, row, verifier)
  tx.onCommit(() => deps.onIdentity({ row, verifier }))
  settlement.addEvents([
    { type: 'identity_confirmed', reference: row.id, tx: pin.txId, topic: 'ff_definition' },
  ])
}

interface ConfirmedDefinition {
  readonly id: string
  readonly hash: string
  readonly text: string
  readonly message: BatchMessage
}

/** A definition message that was confirmed earlier, with its value. */
async function findConfirmed(
  { namespace }: IdentityDefinitionDeps,
  { tx }: Settlement,
  id: string,
): Promise<ConfirmedDefinition | undefined> {
  const row = await tx.db
    .selectFrom('messages')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('id', '=', id)
    .where('state', '=', 'confirmed')
    .where('tag', '=', 'ff_identity_claim')
    .executeTakeFirst()
  if (!row) return undefined
  return await withText(tx, namespace, row)
}

/** The parent's verification of a claim, when it was confirmed before the claim. */
async function findVerification(
  { namespace }: IdentityDefinitionDeps,
  { tx }: Settlement,
  claim: BatchMessage,
  identity: Identity,
  parent: KnownIdentity | undefined,
): Promise<boolean> {
  const rows = await tx.db
    .selectFrom('messages')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('author', '=', parent?.row.did ?? '')
    .where('tag', '=', 'ff_identity_verification')
    .where('topics', '=', claim.header.topics.join(','))
    .where('state', '=', 'confirmed')
    .execute()
  for (const row of rows) {
    const found = await withText(tx, namespace, row)
    if (!found) continue
    const verification = parseIdentityVerification(found.text, found.id)
    if (
      verification.claim.id === claim.header.id &&
      verification.claim.hash === claim.hash &&
      sameBase(verification.identity, identity)
    )
      return true
  }
  return false
}

async function withText(
  tx: Settlement['tx'],
  namespace: string,
  row: MessageRow,
): Promise<ConfirmedDefinition | undefined> {
  const message = rowToMessage(row)
  const [ref] = message.data
  if (!ref) return undefined
  const data = await tx.db
    .selectFrom('data')
    .select('value')
    .where('namespace', '=', namespace)
    .where('id', '=', ref.id)
    .where('hash', '=', ref.hash)
    .executeTakeFirst()
  return data?.value ? { id: row.id, hash: row.hash, text: data.value, message } : undefined
}
