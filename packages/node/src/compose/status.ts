import {
  type MultipartyStatus,
  type NamespaceStatus,
  type NetworkContracts,
  nodeDid,
  orgDid,
} from '@concordat/protocol'
import type { Directory } from '../identity/directory.ts'
import type { PartyConfig } from '../network/network-engine.ts'
import type { Database } from '../store/database.ts'
import type { Contracts, NetworkContract } from './contracts.ts'

export interface StatusFacts {
  readonly namespace: {
    readonly name: string
    readonly networkName: string
    readonly description: string
    readonly created: string
  }
  readonly directory: Directory
  readonly party: PartyConfig
  readonly plugins: NamespaceStatus['plugins']
  readonly contracts: Contracts
}

export function toStatus({
  namespace,
  directory,
  party,
  plugins,
  contracts,
}: StatusFacts): NamespaceStatus {
  const org = directory.byDid(orgDid(party.org.name))
  const node = directory.byDid(nodeDid(party.node.name))
  return {
    namespace,
    node: {
      name: party.node.name,
      registered: node !== undefined,
      ...(node && { id: node.row.id }),
    },
    org: {
      name: party.org.name,
      registered: org !== undefined,
      ...(org && {
        did: org.row.did,
        id: org.row.id,
        verifiers: [{ type: org.verifier.type, value: org.verifier.value }],
      }),
    },
    plugins,
    multiparty: { enabled: true, contract: toContracts(contracts) },
  }
}

/** Of a namespace that is shared with nobody. */
export const toGatewayStatus = ({
  namespace,
  plugins,
}: Pick<StatusFacts, 'namespace' | 'plugins'>): NamespaceStatus => ({
  namespace,
  plugins,
  multiparty: { enabled: false },
})

/** Of the network: what FireFly calls its second version. */
const VERSION = 2

function toContracts({ active, terminated }: Contracts): NetworkContracts {
  return {
    active: active ? toContract(active) : { index: terminated.length, info: {} },
    ...(terminated.length > 0 && { terminated: terminated.map(toContract) }),
  }
}

const toContract = ({ index, location, firstEvent, finalEvent }: NetworkContract) => ({
  index,
  location: { ...location },
  firstEvent,
  info: { version: VERSION, ...(finalEvent !== undefined && { finalEvent }) },
})

export async function toMultipartyStatus(
  { namespace, directory, party, contracts }: StatusFacts,
  database: Database,
): Promise<MultipartyStatus> {
  const registration = async (did: string, author: string): Promise<MultipartyStatus['org']> => {
    if (directory.byDid(did)) return { status: 'registered' }
    const claim = await database.read
      .selectFrom('messages')
      .select(['id', 'state'])
      .where('namespace', '=', namespace.name)
      .where('author', '=', author)
      .where('tag', '=', 'ff_identity_claim')
      .where('state', 'in', ['ready', 'sent', 'pending'])
      .orderBy('seq', 'desc')
      .executeTakeFirst()
    return claim
      ? { status: 'registering', pendingRegistrationMessageId: claim.id }
      : { status: 'unregistered' }
  }
  const orgName = orgDid(party.org.name)
  return {
    enabled: true,
    org: await registration(orgName, orgName),
    node: await registration(nodeDid(party.node.name), orgName),
    contracts: withStatus(toContracts(contracts)),
  }
}

const withStatus = ({ active, ...others }: NetworkContracts): NetworkContracts => ({
  active: { ...active, status: active.location ? 'synced' : 'unknown' },
  ...others,
})
