import { type IdentityInput, NodeError } from '@concordat/protocol'
import type { Directory, KnownIdentity } from '../identity/directory.ts'
import type { Claiming } from './claim-identity.ts'

/** An organisation stands alone or under another one; a custom identity is always someone's, and nothing is a node's. */
export function toClaim(directory: Directory, input: IdentityInput, type: string): Claiming {
  const { name, key, description, profile } = input
  if (type !== 'org' && type !== 'custom')
    throw new NodeError('FF10365', { identity: name, type, parent: input.parent ?? '' })
  const parent = parentOf(directory, input.parent)
  if (type === 'custom' && !parent) throw new NodeError('FF10214', { parent: '' })
  if (parent?.row.type === 'node' || (type === 'org' && parent && parent.row.type !== 'org'))
    throw new NodeError('FF10365', { identity: name, type, parent: parent.row.did })
  return { type, name, key, parent, description, profile }
}

function parentOf(directory: Directory, parent: string | undefined): KnownIdentity | undefined {
  if (!parent) return undefined
  const known = directory.byId(parent) ?? directory.byDid(parent)
  if (!known) throw new NodeError('FF10214', { parent })
  return known
}
