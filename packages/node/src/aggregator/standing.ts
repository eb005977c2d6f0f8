import { broadcastContext, identityTopic } from '@concordat/protocol'
import { type SelectQueryBuilder, sql } from 'kysely'
import type { Directory } from '../identity/directory.ts'
import type { PinRow, Tables } from '../store/schema.ts'
import type { Settlement } from './settlement.ts'

/**
 * Whose pin it is, at its own position on the chain:
 * - `member`: by a key that an earlier event registered. Holds back later pins of its context until it is decided.
 * - `outsider`: by a key that no earlier event can have registered. Never holds back a member.
 * - `undetermined`: an earlier pin (`by`), not decided yet, may have registered its key. Waits like a member's.
 */
export type Standing =
  | { readonly kind: 'member' }
  | { readonly kind: 'outsider' }
  | { readonly kind: 'undetermined'; readonly by: number }

export interface StandingDeps {
  readonly namespace: string
  readonly directory: Directory
  readonly verifierType: string
}

type Signed = Pick<PinRow, 'seq' | 'signer' | 'protocolId'>

const MEMBER: Standing = { kind: 'member' }
const OUTSIDER: Standing = { kind: 'outsider' }

export function isMember({ directory, verifierType }: StandingDeps, pin: Signed): boolean {
  const known = directory.byVerifier(verifierType, pin.signer)
  return known !== undefined && known.verifier.position < pin.seq
}

export async function standingOf(
  deps: StandingDeps,
  settlement: Settlement,
  pin: Signed,
): Promise<Standing> {
  if (isMember(deps, pin)) return MEMBER
  const by =
    (await earlierOf(deps, settlement, pin)) ?? (await earlierVouching(deps, settlement, pin))
  return by === undefined ? OUTSIDER : { kind: 'undetermined', by }
}

/** An open pin by the same key, of an earlier event: within one event nobody becomes a member. */
async function earlierOf(
  { namespace }: StandingDeps,
  settlement: Settlement,
  pin: Signed,
): Promise<number | undefined> {
  return await firstOpen(settlement, (after) =>
    settlement.tx.db
      .selectFrom('pins')
      .select('seq')
      .where('namespace', '=', namespace)
      .where('dispatched', '=', sql.lit(0))
      .where('signer', '=', pin.signer)
      .where('seq', '>', after)
      .where('seq', '<', pin.seq)
      .where('protocolId', '!=', pin.protocolId)
      .where('masked', '=', 0),
  )
}

/** An open pin on the topic of an identity that the key has claimed: it may be its parent's word for it. */
async function earlierVouching(
  { namespace }: StandingDeps,
  settlement: Settlement,
  pin: Signed,
): Promise<number | undefined> {
  await settlement.flush()
  const claims = await settlement.tx.db
    .selectFrom('messages')
    .select('topics')
    .where('namespace', '=', namespace)
    .where('type', '=', sql.lit('definition'))
    .where('tag', '=', 'ff_identity_claim')
    .where('key', '=', pin.signer)
    .where('state', '=', 'confirmed')
    .execute()
  if (claims.length === 0) return undefined
  const contexts = claims.map(({ topics }) => broadcastContext(topics))
  return await firstOpen(settlement, (after) =>
    settlement.tx.db
      .selectFrom('pins')
      .select('seq')
      .where('namespace', '=', namespace)
      .where('dispatched', '=', sql.lit(0))
      .where('hash', 'in', contexts)
      .where('masked', '=', 0)
      .where('seq', '>', after)
      .where('seq', '<', pin.seq)
      .where('protocolId', '!=', pin.protocolId),
  )
}

/** An open pin before `seq` on the topic of `did`: until it is settled nobody can say which key is its own. */
export async function earlierClaim(
  { namespace }: StandingDeps,
  settlement: Settlement,
  did: string,
  seq: number,
): Promise<number | undefined> {
  return await firstOpen(settlement, (after) =>
    settlement.tx.db
      .selectFrom('pins')
      .select('seq')
      .where('namespace', '=', namespace)
      .where('dispatched', '=', sql.lit(0))
      .where('hash', '=', broadcastContext(identityTopic(did)))
      .where('masked', '=', 0)
      .where('seq', '>', after)
      .where('seq', '<', seq),
  )
}

const PAGE = 200

/** Goes through a query's pins in order, to the first that this settlement has not settled. */
export async function firstOpen(
  settlement: Settlement,
  query: (after: number) => SelectQueryBuilder<Tables, 'pins', { seq: number }>,
): Promise<number | undefined> {
  for (let after = 0; ; ) {
    const page = await query(after).orderBy('seq').limit(PAGE).execute()
    const open = page.find((pin) => settlement.isOpen(pin))
    if (open) return open.seq
    if (page.length < PAGE) return undefined
    after = page.at(-1)?.seq ?? after
  }
}
