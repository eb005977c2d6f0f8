import {
  type Identity,
  type IdentityUpdateInput,
  identityTopic,
  identityUpdateJson,
  NodeError,
} from '@concordat/protocol'
import type { Directory, KnownIdentity } from '../identity/directory.ts'
import type { SignerRef } from '../identity/signer.ts'
import { sendDefinition } from '../messages/send-definition.ts'
import { expectEvent } from '../messages/waiters.ts'
import type { Wait } from '../namespace.ts'
import { rowToIdentity } from '../store/tables/identities.ts'
import type { IdentityDeps } from './claim-identity.ts'

type Updates = Parameters<typeof identityUpdateJson>[0]['updates']

/** Broadcasts a new description and profile of an identity. A node's peer id stays what it is. */
export async function updateIdentity(
  { directory, messages, waiters }: Pick<IdentityDeps, 'directory' | 'messages' | 'waiters'>,
  id: string,
  input: IdentityUpdateInput,
  wait: Wait,
): Promise<Identity> {
  const known = directory.byId(id)
  if (!known) throw new NodeError('FF10358', { id })
  const identity = rowToIdentity(known.row)
  const updates = toUpdates(identity, input)
  const signer = updateSigner(directory, known)
  const confirmed = wait.confirm
    ? expectEvent(
        waiters,
        wait,
        id,
        ({ type, reference }) => type === 'identity_updated' && reference === id,
      )
    : undefined
  const message = await sendDefinition(messages, {
    ...signer,
    tag: 'ff_identity_update',
    topic: identityTopic(identity.did),
    text: identityUpdateJson({ identity, updates }),
  })
  const now = (await confirmed) && directory.byId(id)
  if (now) return rowToIdentity(now.row)
  return {
    ...identity,
    ...updates,
    messages: { ...identity.messages, update: message.header.id },
  }
}

/** What of an identity is replaced. */
export function toUpdates({ profile }: Identity, input: IdentityUpdateInput): Updates {
  if (!input.profile) throw new NodeError('FF10480', {})
  const { id: peer } = profile ?? {}
  return {
    ...(input.description !== undefined && { description: input.description }),
    profile: { ...input.profile, ...(peer !== undefined && { id: peer }) },
  }
}

/** A node is spoken for by its organisation. */
function updateSigner(directory: Directory, known: KnownIdentity): SignerRef {
  const owner = known.row.type === 'node' ? directory.byId(known.row.parent ?? '') : known
  if (!owner) throw new NodeError('FF10214', { parent: known.row.parent ?? '' })
  return { author: owner.row.did, key: owner.verifier.value }
}
