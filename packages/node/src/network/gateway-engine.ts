import {
  formatTime,
  type Identity,
  type IdentityInput,
  type IdentityUpdateInput,
  NodeError,
  padTime,
  sortedJson,
  verifierHash,
} from '@concordat/protocol'
import type { Chain } from '../chain/chain.ts'
import type { EventLog } from '../events/log.ts'
import type { Directory } from '../identity/directory.ts'
import type { World } from '../lib/world.ts'
import type { NetworkCommands } from '../namespace.ts'
import type { Database, Transaction } from '../store/database.ts'
import type { IdentityRow } from '../store/schema.ts'
import { rowToIdentity } from '../store/tables/identities.ts'
import { draftIdentity } from './claim-identity.ts'
import { resolveVerifier } from './resolve-verifier.ts'
import { toClaim } from './to-claim.ts'
import { toUpdates } from './update-identity.ts'

export interface GatewayDeps {
  readonly namespace: string
  readonly world: Pick<World, 'now' | 'uuid'>
  readonly database: Database
  readonly directory: Directory
  readonly events: EventLog
  /** What keys are read by; without it no identity can be registered. */
  readonly chain: Pick<Chain, 'normaliseKey' | 'verifierType'> | undefined
}

/** Identities of a namespace that is shared with nobody: registered at once, by this node's word alone. */
export function createGatewayEngine(deps: GatewayDeps): NetworkCommands {
  const { namespace } = deps
  const refuse = async (): Promise<never> => {
    throw new NodeError('FF10414', { namespace })
  }
  return {
    registerOrganization: refuse,
    registerNode: refuse,
    action: refuse,
    registerIdentity: (input) => register(deps, input),
    updateIdentity: (id, input) => update(deps, id, input),
    resolveVerifier: (verifier) => resolveVerifier(chainOf(deps), verifier),
  }
}

function chainOf({ namespace, chain }: GatewayDeps): NonNullable<GatewayDeps['chain']> {
  if (!chain) throw new NodeError('CC20004', { namespace, plugin: 'blockchain' })
  return chain
}

async function register(deps: GatewayDeps, input: IdentityInput): Promise<Identity> {
  const { namespace, directory, events } = deps
  const chain = chainOf(deps)
  if (!input.key) throw new NodeError('FF10352')
  const verifier = { type: chain.verifierType, value: chain.normaliseKey(input.key) }
  return await inTransaction(deps, async (tx) => {
    const claiming = toClaim(directory, input, input.type ?? 'custom')
    const owner = directory.byVerifier(verifier.type, verifier.value)
    if (owner) throw new NodeError('FF10193', { name: `the key of ${owner.row.did}` })
    const row = toRow(deps, tx, draftIdentity(deps, claiming))
    const { id: identity, created } = row
    const hash = verifierHash(namespace, verifier.type, verifier.value)
    const seq = tx.sequence('verifiers', 1)
    await directory.register(tx, row, {
      seq,
      namespace,
      hash,
      identity,
      ...verifier,
      created,
      position: 0,
    })
    await events.append(tx, [
      { type: 'identity_confirmed', reference: identity, topic: 'ff_definition' },
    ])
    return rowToIdentity(row)
  })
}

async function update(
  deps: GatewayDeps,
  id: string,
  input: IdentityUpdateInput,
): Promise<Identity> {
  const { directory, events } = deps
  return await inTransaction(deps, async (tx) => {
    const known = directory.byId(id)
    if (!known) throw new NodeError('FF10358', { id })
    const { description, profile } = toUpdates(rowToIdentity(known.row), input)
    const row = {
      ...known.row,
      description: description ?? null,
      profile: profile ? sortedJson(profile) : null,
      updated: now(deps),
    }
    await directory.update(tx, row)
    await events.append(tx, [{ type: 'identity_updated', reference: id, topic: 'ff_definition' }])
    return rowToIdentity(row)
  })
}

/** What the directory was told in vain is forgotten again. */
async function inTransaction<T>(
  { database, directory }: GatewayDeps,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  try {
    return await database.transaction(work)
  } catch (error) {
    if (!(error instanceof NodeError)) await directory.reload()
    throw error
  }
}

const now = ({ world }: GatewayDeps): string => padTime(formatTime(world.now()))

function toRow(deps: GatewayDeps, tx: Transaction, identity: Identity): IdentityRow {
  const created = now(deps)
  return {
    seq: tx.sequence('identities', 1),
    namespace: deps.namespace,
    id: identity.id,
    did: identity.did,
    type: identity.type,
    parent: identity.parent ?? null,
    name: identity.name,
    description: identity.description ?? null,
    profile: identity.profile ? sortedJson(identity.profile) : null,
    claimMessage: null,
    verificationMessage: null,
    updateMessage: null,
    created,
    updated: created,
  }
}
