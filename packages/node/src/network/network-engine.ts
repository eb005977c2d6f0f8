import { type Identity, type IdentityInput, NodeError, orgDid } from '@concordat/protocol'
import type { Chain } from '../chain/chain.ts'
import type { PeerProfile } from '../exchange/exchange.ts'
import type { Directory, KnownIdentity } from '../identity/directory.ts'
import type { NetworkCommands, Wait } from '../namespace.ts'
import { type Claiming, claimIdentity, type IdentityDeps } from './claim-identity.ts'
import { updateIdentity } from './update-identity.ts'

export interface PartyConfig {
  readonly org: {
    readonly name: string
    readonly description?: string | undefined
    readonly key: string
  }
  readonly node: { readonly name: string; readonly description?: string | undefined }
}

export interface NetworkEngineDeps extends IdentityDeps {
  readonly chain: Pick<Chain, 'normaliseKey' | 'verifierType'>
  readonly party: PartyConfig
  /** What our node's identity says about how to reach it. */
  readonly profile: () => PeerProfile
  readonly submitAction: (type: string) => Promise<void>
}

export function createNetworkEngine(deps: NetworkEngineDeps): NetworkCommands {
  const { chain, directory } = deps

  const register = async (input: IdentityInput, type: string, wait: Wait): Promise<Identity> =>
    await claimIdentity(deps, toClaim(directory, input, type), wait)

  return {
    registerOrganization: async (input, wait) =>
      input === 'self'
        ? await claimIdentity(deps, ourOrganization(deps), wait)
        : await register(input, 'org', wait),
    registerNode: async (wait) => await claimIdentity(deps, ourNode(deps), wait),
    registerIdentity: async (input, wait) => await register(input, input.type ?? 'custom', wait),
    updateIdentity: (id, input, wait) => updateIdentity(deps, id, input, wait),
    async action({ type }) {
      if (type !== 'terminate')
        throw new NodeError('CC20002', { reason: `unknown network action '${type}'` })
      await deps.submitAction(`firefly:${type}`)
      return { type }
    },
    resolveVerifier({ type, value }) {
      if (type !== undefined && type !== chain.verifierType)
        throw new NodeError('CC20002', {
          reason: `verifiers here are of type ${chain.verifierType}`,
        })
      return { type: chain.verifierType, value: chain.normaliseKey(value) }
    },
  }
}

function ourOrganization({ party: { org } }: NetworkEngineDeps): Claiming {
  const { name, key, description } = org
  return { type: 'org', name, key, parent: undefined, description }
}

function ourNode({ party: { org, node }, directory, profile }: NetworkEngineDeps): Claiming {
  return {
    type: 'node',
    name: node.name,
    key: undefined,
    parent: directory.byDid(orgDid(org.name)),
    description: node.description,
    profile: { ...profile() },
  }
}

/** An organisation stands alone or under another one; a custom identity is always someone's, and nothing is a node's. */
function toClaim(directory: Directory, input: IdentityInput, type: string): Claiming {
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
