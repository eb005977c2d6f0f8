import { type Identity, type IdentityInput, NodeError, orgDid } from '@concordat/protocol'
import type { Chain } from '../chain/chain.ts'
import type { PeerProfile } from '../exchange/exchange.ts'
import type { NetworkCommands, Wait } from '../namespace.ts'
import { type Claiming, claimIdentity, type IdentityDeps } from './claim-identity.ts'
import { type ClaimUnderWayDeps, organisationUnderWay } from './claim-under-way.ts'
import { resolveVerifier } from './resolve-verifier.ts'
import { toClaim } from './to-claim.ts'
import { updateIdentity } from './update-identity.ts'

export interface PartyConfig {
  readonly org: {
    readonly name: string
    readonly description?: string | undefined
    readonly key: string
  }
  readonly node: { readonly name: string; readonly description?: string | undefined }
}

export interface NetworkEngineDeps extends IdentityDeps, ClaimUnderWayDeps {
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
    registerNode: async (wait) => await claimIdentity(deps, await ourNode(deps), wait),
    registerIdentity: async (input, wait) => await register(input, input.type ?? 'custom', wait),
    updateIdentity: (id, input, wait) => updateIdentity(deps, id, input, wait),
    async action({ type }) {
      if (type !== 'terminate')
        throw new NodeError('CC20002', { reason: `unknown network action '${type}'` })
      await deps.submitAction(`firefly:${type}`)
      return { type }
    },
    resolveVerifier: (verifier) => resolveVerifier(chain, verifier),
  }
}

function ourOrganization({ party: { org } }: NetworkEngineDeps): Claiming {
  const { name, key, description } = org
  return { type: 'org', name, key, parent: undefined, description }
}

async function ourNode(deps: NetworkEngineDeps): Promise<Claiming> {
  const { directory, profile } = deps
  const { org, node } = deps.party
  return {
    type: 'node',
    name: node.name,
    key: undefined,
    parent: directory.byDid(orgDid(org.name)) ?? (await organisationUnderWay(deps, org)),
    description: node.description,
    profile: { ...profile() },
  }
}
