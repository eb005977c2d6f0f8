import { orgDid, parseJson } from '@concordat/protocol'
import { sql } from 'kysely'
import type { Chain } from '../chain/chain.ts'
import type { Database } from '../store/database.ts'
import type { Claiming } from './claim-identity.ts'

export interface ClaimUnderWayDeps {
  readonly namespace: string
  readonly database: Database
  readonly chain: Pick<Chain, 'normaliseKey'>
}

/**
 * Our organisation as we first claimed it, if that is not decided here yet. Members may be further: they tell each other
 * what a stranger's pin before it means, and tell us only when our node is registered too.
 */
export async function organisationUnderWay(
  { namespace, database, chain }: ClaimUnderWayDeps,
  org: { readonly name: string; readonly key: string },
): Promise<Claiming['parent']> {
  const did = orgDid(org.name)
  const key = chain.normaliseKey(org.key)
  const claim = await database.read
    .selectFrom('messages')
    .innerJoin('messageData', (join) =>
      join
        .onRef('messageData.messageId', '=', 'messages.id')
        .onRef('messageData.namespace', '=', 'messages.namespace'),
    )
    .innerJoin('data', (join) =>
      join
        .onRef('data.id', '=', 'messageData.dataId')
        .onRef('data.namespace', '=', 'messages.namespace'),
    )
    .select('data.value')
    .where('messages.namespace', '=', namespace)
    .where('messages.type', '=', sql.lit('definition'))
    .where('messages.tag', '=', 'ff_identity_claim')
    .where('messages.key', '=', key)
    .where('messages.author', '=', did)
    // In a batch by now: in one chain event with it the node would come too early.
    .where('messages.state', '=', 'sent')
    .orderBy('messages.seq')
    .limit(1)
    .executeTakeFirst()
  const id = claim?.value == null ? undefined : idOf(parseJson(claim.value))
  return id === undefined ? undefined : { row: { id, did }, verifier: { value: key } }
}

function idOf(claim: unknown): string | undefined {
  if (typeof claim !== 'object' || claim === null || !('identity' in claim)) return undefined
  const { identity } = claim
  if (typeof identity !== 'object' || identity === null || !('id' in identity)) return undefined
  return typeof identity.id === 'string' ? identity.id : undefined
}
