import { orgDid, parseJson } from '@concordat/protocol'
import { sql } from 'kysely'
import type { Chain } from '../chain/chain.ts'
import type { Database } from '../store/database.ts'
import { rowToMessage } from '../store/tables/messages.ts'
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
    .selectAll()
    .where('namespace', '=', namespace)
    .where('type', '=', sql.lit('definition'))
    .where('tag', '=', 'ff_identity_claim')
    .where('key', '=', key)
    .where('author', '=', did)
    // In a batch by now: in one chain event with it the node would come too early.
    .where('state', '=', 'sent')
    .orderBy('seq')
    .limit(1)
    .executeTakeFirst()
  const [ref] = claim ? rowToMessage(claim).data : []
  if (!ref) return undefined
  const data = await database.read
    .selectFrom('data')
    .select('value')
    .where('namespace', '=', namespace)
    .where('id', '=', ref.id)
    .where('hash', '=', ref.hash)
    .executeTakeFirst()
  const id = data?.value == null ? undefined : idOf(parseJson(data.value))
  return id === undefined ? undefined : { row: { id, did }, verifier: { value: key } }
}

function idOf(claim: unknown): string | undefined {
  if (typeof claim !== 'object' || claim === null || !('identity' in claim)) return undefined
  const { identity } = claim
  if (typeof identity !== 'object' || identity === null || !('id' in identity)) return undefined
  return typeof identity.id === 'string' ? identity.id : undefined
}
