import {
  didForIdentity,
  type Identity,
  type IdentityInput,
  type IdentityUpdateInput,
  identityClaimJson,
  identityTopic,
  identityUpdateJson,
  identityVerificationJson,
  type Message,
  NodeError,
  orgDid,
  validateNameNotUuid,
} from '@concordat/protocol'
import type { Chain } from '../chain/chain.ts'
import type { PeerProfile } from '../exchange/exchange.ts'
import type { Directory, KnownIdentity } from '../identity/directory.ts'
import type { SignerRef } from '../identity/signer.ts'
import type { World } from '../lib/world.ts'
import type { MessageEngine } from '../messages/message-engine.ts'
import { sendDefinition } from '../messages/send-definition.ts'
import type { Waiters } from '../messages/waiters.ts'
import type { NetworkCommands, Wait } from '../namespace.ts'
import { rowToIdentity } from '../store/tables/identities.ts'

export interface PartyConfig {
  readonly org: {
    readonly name: string
    readonly description?: string | undefined
    readonly key: string
  }
  readonly node: { readonly name: string; readonly description?: string | undefined }
}

export interface NetworkEngineDeps {
  readonly namespace: string
  readonly world: World
  readonly chain: Chain
  readonly directory: Directory
  readonly messages: MessageEngine
  readonly waiters: Waiters
  readonly party: PartyConfig
  /** What our node's identity says about how to reach it. */
  readonly profile: () => PeerProfile
  readonly submitAction: (type: string) => Promise<void>
}

interface Claiming {
  readonly type: 'org' | 'node' | 'custom'
  readonly name: string
  readonly key: string | undefined
  readonly parent: KnownIdentity | undefined
  readonly description?: string | undefined
  readonly profile?: Record<string, unknown> | undefined
}

export function createNetworkEngine(deps: NetworkEngineDeps): NetworkCommands {
  const { chain, directory, messages, waiters, party } = deps

  /** Broadcasts a claim, and the parent's word for it where one is needed. */
  async function register(claiming: Claiming, wait: Wait): Promise<Identity> {
    validateNameNotUuid(claiming.name, 'name')
    const did = didForIdentity(claiming.type, claiming.name)
    if (directory.byDid(did)) throw new NodeError('FF10193', { name: did })
    const id = deps.world.uuid()
    const confirmed = wait.confirm
      ? waiters.until(id, {
          match: ({ type, reference }) => type === 'identity_confirmed' && reference === id,
          timeoutMs: wait.timeoutMs,
          signal: wait.signal,
        })
      : undefined
    confirmed?.catch(() => {})
    const identity: Identity = {
      id,
      did,
      type: claiming.type,
      ...(claiming.parent && { parent: claiming.parent.row.id }),
      namespace: deps.namespace,
      name: claiming.name,
      ...(claiming.description && { description: claiming.description }),
      ...(claiming.profile && { profile: claiming.profile }),
      messages: { claim: null, verification: null, update: null },
    }
    const claim = await sendDefinition(messages, {
      ...claimSigner(did, claiming),
      tag: 'ff_identity_claim',
      topic: identityTopic(did),
      text: identityClaimJson({ identity }),
    })
    const verification = await verifyByParent(identity, claim, claiming)
    if (confirmed) {
      await confirmed
      const known = directory.byId(id)
      if (known) return rowToIdentity(known.row)
    }
    return {
      ...identity,
      messages: {
        claim: claim.header.id,
        verification: verification?.header.id ?? null,
        update: null,
      },
    }
  }

  function claimSigner(did: string, { type, key, parent }: Claiming): SignerRef {
    if (type === 'node') {
      if (!parent) throw new NodeError('FF10218', {})
      return { author: parent.row.did, key: parent.verifier.value }
    }
    if (!key) throw new NodeError('FF10352', {})
    return { author: did, key: chain.normaliseKey(key) }
  }

  async function verifyByParent(
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

  function parentOf(parent: string | undefined): KnownIdentity | undefined {
    if (!parent) return undefined
    const known = directory.byId(parent) ?? directory.byDid(parent)
    if (!known) throw new NodeError('FF10214', { parent })
    return known
  }

  const registerIdentity = async (
    input: IdentityInput,
    wait: Wait,
    defaultType: 'org' | 'custom' = 'custom',
  ): Promise<Identity> => {
    const type = input.type ?? defaultType
    if (type !== 'org' && type !== 'custom')
      throw new NodeError('FF10365', { identity: input.name, type, parent: input.parent ?? '' })
    const parent = parentOf(input.parent)
    if (type === 'custom' && !parent) throw new NodeError('FF10214', { parent: '' })
    if (parent?.row.type === 'node' || (type === 'org' && parent && parent.row.type !== 'org'))
      throw new NodeError('FF10365', { identity: input.name, type, parent: parent.row.did })
    const { name, key, description, profile } = input
    return await register({ type, name, key, parent, description, profile }, wait)
  }

  async function update(id: string, input: IdentityUpdateInput, wait: Wait): Promise<Identity> {
    const known = directory.byId(id)
    if (!known) throw new NodeError('FF10358', { id })
    if (!input.profile) throw new NodeError('FF10480', {})
    const identity = rowToIdentity(known.row)
    const owner = known.row.type === 'node' ? directory.byId(known.row.parent ?? '') : known
    if (!owner) throw new NodeError('FF10214', { parent: known.row.parent ?? '' })
    const peer = identity.profile?.['id']
    const updates = {
      ...(input.description !== undefined && { description: input.description }),
      profile: { ...input.profile, ...(peer !== undefined && { id: peer }) },
    }
    const confirmed = wait.confirm
      ? waiters.until(id, {
          match: ({ type, reference }) => type === 'identity_updated' && reference === id,
          timeoutMs: wait.timeoutMs,
          signal: wait.signal,
        })
      : undefined
    confirmed?.catch(() => {})
    const message = await sendDefinition(messages, {
      author: owner.row.did,
      key: owner.verifier.value,
      tag: 'ff_identity_update',
      topic: identityTopic(known.row.did),
      text: identityUpdateJson({ identity, updates }),
    })
    await confirmed
    const now = confirmed && directory.byId(id)
    return now
      ? rowToIdentity(now.row)
      : { ...identity, ...updates, messages: { ...identity.messages, update: message.header.id } }
  }

  return {
    registerOrganization: (input, wait) =>
      input === 'self'
        ? register(
            {
              type: 'org',
              name: party.org.name,
              key: party.org.key,
              parent: undefined,
              description: party.org.description,
            },
            wait,
          )
        : registerIdentity({ ...input, type: 'org' }, wait),
    registerNode: (wait) =>
      register(
        {
          type: 'node',
          name: party.node.name,
          key: undefined,
          parent: directory.byDid(orgDid(party.org.name)),
          description: party.node.description,
          profile: { ...deps.profile() },
        },
        wait,
      ),
    registerIdentity,
    updateIdentity: update,
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
