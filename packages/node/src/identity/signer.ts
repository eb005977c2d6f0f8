import { NodeError, orgDid } from '@concordat/protocol'
import type { Chain } from '../chain/chain.ts'
import type { Directory, KnownIdentity } from './directory.ts'

export interface SignerInput {
  readonly author?: string | undefined
  readonly key?: string | undefined
}

export interface SignerRef {
  /** DID. */
  readonly author: string
  readonly key: string
}

export interface SignerDeps {
  readonly namespace: string
  readonly directory: Directory
  readonly chain: Pick<Chain, 'normaliseKey' | 'verifierType'> | undefined
  readonly rootOrg: { readonly name: string; readonly key: string } | undefined
  readonly defaultKey: string | undefined
}

/** Who signs a message (FireFly's rules): our organisation's key by default, an author's own key, or an author for a key. */
export function resolveSigner(
  { namespace, directory, chain, rootOrg, defaultKey }: SignerDeps,
  input: SignerInput,
): SignerRef {
  if (!chain) throw new NodeError('FF10414', { namespace })
  const key = input.key ? chain.normaliseKey(input.key) : undefined
  if (key !== undefined) return withKey(directory, chain, key, input.author)
  if (input.author) return { ...authorAndKey(lookUp(directory, input.author)) }
  if (!rootOrg) throw new NodeError('FF10354', {})
  const org = directory.byDid(orgDid(rootOrg.name))
  if (!org) throw new NodeError('FF10218', {})
  return { author: org.row.did, key: chain.normaliseKey(defaultKey ?? rootOrg.key) }
}

function withKey(
  directory: Directory,
  chain: Pick<Chain, 'verifierType'>,
  key: string,
  author: string | undefined,
): SignerRef {
  const owner = directory.byVerifier(chain.verifierType, key)
  if (!owner) throw new NodeError('FF10356', { key })
  if (author && author !== owner.row.name && author !== owner.row.did) {
    throw new NodeError('FF10355', { author, key, owner: owner.row.did })
  }
  return { author: owner.row.did, key }
}

const authorAndKey = ({ row, verifier }: KnownIdentity): SignerRef => {
  if (row.type === 'node') throw new NodeError('FF10353', { identity: row.did })
  return { author: row.did, key: verifier.value }
}

/** An identity by DID, `did:firefly:org/<uuid>`, or an organisation's bare name. */
export function lookUp(directory: Directory, author: string): KnownIdentity {
  const found = author.startsWith('did:')
    ? (directory.byDid(author) ?? directory.byId(author.replace(/^did:firefly:org\//, '')))
    : directory.byDid(orgDid(author))
  if (!found) throw new NodeError('FF10206', { author })
  return found
}
