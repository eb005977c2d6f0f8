import {
  type BlockedTopic,
  formatTime,
  type MultipartyStatus,
  type NamespaceStatus,
  nodeDid,
  orgDid,
  trimTime,
} from '@concordat/protocol'
import { sql } from 'kysely'
import type { Blocked } from '../aggregator/aggregator.ts'
import type { Directory } from '../identity/directory.ts'
import type { PartyConfig } from '../network/network-engine.ts'
import type { Database } from '../store/database.ts'
import type { PausedSubscription } from '../subscribers/durable.ts'

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
  readonly contract: {
    readonly address: string
    readonly firstEvent: string
    readonly version: number
  }
}

export function toStatus({
  namespace,
  directory,
  party,
  plugins,
  contract,
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
    multiparty: { enabled: true, contract: { active: toContract(contract) } },
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

const toContract = ({ address, firstEvent, version }: StatusFacts['contract']) => ({
  index: 0,
  location: { address },
  firstEvent,
  info: { version },
})

export async function toMultipartyStatus(
  { namespace, directory, party, contract }: StatusFacts,
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
    contracts: { active: { ...toContract(contract), status: 'synced' } },
  }
}

/** Every context that stands still, with what blocks it and what may safely be done about it. */
export async function toBlockedTopics(
  namespace: string,
  blocked: readonly Blocked[],
  paused: readonly PausedSubscription[],
  database: Database,
): Promise<BlockedTopic[]> {
  const topics = await Promise.all(blocked.map((each) => toBlockedTopic(namespace, each, database)))
  return [
    ...topics,
    ...paused.map(
      ({ subscription, name, since, reason }): BlockedTopic => ({
        topic: name,
        context: subscription,
        since,
        waiting: 0,
        blockedBy: { kind: 'paused_subscription', subscription, detail: reason },
        actions: ['skip', 'resume'],
      }),
    ),
  ]
}

async function toBlockedTopic(
  namespace: string,
  { context, kind, since, block }: Blocked,
  database: Database,
): Promise<BlockedTopic> {
  const { pin } = block
  const next =
    kind === 'private'
      ? await database.read
          .selectFrom('nextpins')
          .select(['topic', 'groupHash'])
          .where('namespace', '=', namespace)
          .where('context', '=', context)
          .executeTakeFirst()
      : undefined
  const message = await database.read
    .selectFrom('messages')
    .select(['id', 'topics'])
    .where('namespace', '=', namespace)
    .where('batch', '=', pin.batch)
    .orderBy('seq')
    .limit(1)
    .executeTakeFirst()
  return {
    topic: next?.topic ?? message?.topics ?? '',
    context,
    ...(next && { group: next.groupHash }),
    since: trimTime(formatTime(since)),
    waiting: await countWaiting(namespace, { context, kind, since, block }, database, next),
    blockedBy: {
      kind: block.kind,
      batch: pin.batch,
      ...(block.message !== undefined && { message: block.message }),
      pin: { sequence: pin.seq, protocolId: pin.protocolId },
      ...(block.author !== undefined && { author: block.author }),
      signer: pin.signer,
      ...(block.holder !== undefined && { holder: block.holder }),
      detail: block.detail,
    },
    actions:
      block.kind === 'missing_payload' || block.kind === 'missing_blob'
        ? ['request_payload', 'rewind']
        : ['rewind'],
  }
}

async function countWaiting(
  namespace: string,
  { context, kind, block }: Blocked,
  database: Database,
  next: { topic: string; groupHash: string } | undefined,
): Promise<number> {
  if (kind === 'broadcast') {
    const row = await database.read
      .selectFrom('pins')
      .select(({ fn }) => fn.countAll<number>().as('n'))
      .where('namespace', '=', namespace)
      .where('hash', '=', context)
      .where('dispatched', '=', sql.lit(0))
      .where('seq', '>', block.pin.seq)
      .executeTakeFirst()
    return Number(row?.n ?? 0)
  }
  const row = await database.read
    .selectFrom('messages')
    .select(({ fn }) => fn.countAll<number>().as('n'))
    .where('namespace', '=', namespace)
    .where('groupHash', '=', next?.groupHash ?? '')
    .where('topics', '=', next?.topic ?? '')
    .where('state', 'in', ['sent', 'pending'])
    .executeTakeFirst()
  return Number(row?.n ?? 0)
}
