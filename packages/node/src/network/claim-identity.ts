import {
  didForIdentity,
  type Identity,
  identityClaimJson,
  identityTopic,
  identityVerificationJson,
  type Message,
  NodeError,
  validateNameNotUuid,
} from '@concordat/protocol'
import type { Chain } from '../chain/chain.ts'
import type { Directory, KnownIdentity } from '../identity/directory.ts'
import type { SignerRef } from '../identity/signer.ts'
import type { World } from '../lib/world.ts'
import type { MessageEngine } from '../messages/message-engine.ts'
import { sendDefinition } from '../messages/send-definition.ts'
import { expectEvent, type Waiters } from '../messages/waiters.ts'
import type { Wait } from '../namespace.ts'
import { rowToIdentity } from '../store/tables/identities.ts'

export interface IdentityDeps {
  readonly namespace: string
  readonly world: Pick<World, 'uuid'>
  readonly chain: Pick<Chain, 'normaliseKey'>
  readonly directory: Directory
  readonly messages: MessageEngine
  readonly waiters: Waiters
}

export interface Claiming {
  readonly type: 'org' | 'node' | 'custom'
  readonly name: string
  /** Of a node it is its organisation's. */
  readonly key: string | undefined
  readonly parent:
    | {
        readonly row: Pick<KnownIdentity['row'], 'id' | 'did'>
        readonly verifier: Pick<KnownIdentity['verifier'], 'value'>
      }
    | undefined
  readonly description?: string | undefined
  readonly profile?: Record<string, unknown> | undefined
}

/** Broadcasts a claim, and the parent's word for it where one is needed. */
export async function claimIdentity(
  deps: IdentityDeps,
  claiming: Claiming,
  wait: Wait,
): Promise<Identity> {
  const { directory, messages, waiters } = deps
  const identity = draftIdentity(deps, claiming)
  const { id, did } = identity
  const confirmed = wait.confirm
    ? expectEvent(
        waiters,
        wait,
        id,
        ({ type, reference }) => type === 'identity_confirmed' && reference === id,
      )
    : undefined
  const claim = await sendDefinition(messages, {
    ...claimSigner(deps, did, claiming),
    tag: 'ff_identity_claim',
    topic: identityTopic(did),
    text: identityClaimJson({ identity }),
  })
  const verification = await verifyByParent(messages, identity, claim, claiming)
  const known = (await confirmed) && directory.byId(id)
  if (known) return rowToIdentity(known.row)
  return {
    ...identity,
    messages: {
      claim: claim.header.id,
      verification: verification?.header.id ?? null,
      update: null,
    },
  }
}

/** An identity as it will be registered; its DID must be free. */
export function draftIdentity(
  { namespace, world, directory }: Pick<IdentityDeps, 'namespace' | 'world' | 'directory'>,
  { type, name, parent, description, profile }: Claiming,
): Identity {
  validateNameNotUuid(name, 'name')
  const did = didForIdentity(type, name)
  if (directory.byDid(did)) throw new NodeError('FF10193', { name: did })
  return {
    id: world.uuid(),
    did,
    type,
    ...(parent && { parent: parent.row.id }),
    namespace,
    name,
    ...(description && { description }),
    ...(profile && { profile }),
    messages: { claim: null, verification: null, update: null },
  }
}

function claimSigner(
  { chain }: IdentityDeps,
  did: string,
  { type, key, parent }: Claiming,
): SignerRef {
  if (type === 'node') {
    if (!parent) throw new NodeError('FF10218', {})
    return { author: parent.row.did, key: parent.verifier.value }
  }
  if (!key) throw new NodeError('FF10352', {})
  return { author: did, key: chain.normaliseKey(key) }
}

async function verifyByParent(
  messages: MessageEngine,
  identity: Identity,
  claim: Message,
  { type, parent }: Claiming,
): Promise<Message | undefined> {
  if (type === 'node' || !parent) return undefined
  return await sendDefinition(messages, {
    author: parent.row.did,
    key: parent.verifier.value,
    tag: 'ff_identity_verification',
    topic: identityTopic(identity.did),
    text: identityVerificationJson({
      claim: { id: claim.header.id, hash: claim.hash },
      identity,
    }),
  })
}
