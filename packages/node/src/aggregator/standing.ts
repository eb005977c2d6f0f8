import { broadcastContext } from '@concordat/protocol'
import { type SelectQueryBuilder, sql } from 'kysely'
import type { Directory } from '../identity/directory.ts'
import type { Transaction } from '../store/database.ts'
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

/** What of a settlement tells whose pin it is. */
type Open = Pick<Settlement, 'tx' | 'isOpen' | 'flush'>

/** Outside a settlement: whether a pin is a member's, or may turn out to be. */
export async function mayBeMembers(
  deps: StandingDeps,
  tx: Transaction,
  pin: Signed,
): Promise<boolean> {
  const committed: Open = { tx, isOpen: () => true, flush: async () => {} }
  return (await standingOf(deps, committed, pin)).kind !== 'outsider'
}

export async function standingOf(
  deps: StandingDeps,
  settlement: Open,
  pin: Signed,
): Promise<Standing> {
  if (isMember(deps, pin)) return MEMBER
  // Within one event nobody becomes a member.
  const by = await earlierRegistration(deps, settlement, { ...pin, key: pin.signer })
  return by === undefined ? OUTSIDER : { kind: 'undetermined', by }
}

interface KeyAt extends Pick<PinRow, 'seq'> {
  readonly key: string
  /** Pins of this event are left out. */
  readonly protocolId?: string
}

/** The first open pin before `seq` that may register a key: one made by it, or one on the topic of an identity it claimed. */
export async function earlierRegistration(
  { namespace }: StandingDeps,
  settlement: Open,
  { key, seq, protocolId = '' }: KeyAt,
): Promise<number | undefined> {
  const open = settlement.tx.db
    .selectFrom('pins')
    .select('seq')
    .where('namespace', '=', namespace)
    .where('dispatched', '=', sql.lit(0))
    .where('masked', '=', 0)
    .where('seq', '<', seq)
    .where('protocolId', '!=', protocolId)
  const own = await firstOpen(settlement, (after) =>
    open.where('signer', '=', key).where('seq', '>', after),
  )
  if (own !== undefined) return own
  const contexts = await claimedBy(namespace, settlement, key)
  if (contexts.length === 0) return undefined
  return await firstOpen(settlement, (after) =>
    open.where('hash', 'in', contexts).where('seq', '>', after),
  )
}

/** The contexts on which a parent may still give its word for an identity that a key claimed. */
async function claimedBy(namespace: string, settlement: Open, key: string): Promise<string[]> {
  await settlement.flush()
  const claims = await claimsBy(settlement.tx.db, namespace, key).execute()
  return claims.map(({ topics }) => broadcastContext(topics))
}

/** Asked for each pin of a key that nobody registered: by an index, however many messages there are. */
export const claimsBy = (db: Transaction['db'], namespace: string, key: string) =>
  db
    .selectFrom('messages')
    .select('topics')
    .where('namespace', '=', namespace)
    .where('type', '=', sql.lit('definition'))
    .where('tag', '=', 'ff_identity_claim')
    .where('key', '=', key)
    .where('state', '=', 'confirmed')

/** The first open pin on a broadcast context before another. */
export async function earlierOn(
  { namespace }: StandingDeps,
  settlement: Open,
  { hash, seq }: Pick<PinRow, 'hash' | 'seq'>,
): Promise<number | undefined> {
  return await firstOpen(settlement, (after) =>
    settlement.tx.db
      .selectFrom('pins')
      .select('seq')
      .where('namespace', '=', namespace)
      .where('dispatched', '=', sql.lit(0))
      .where('hash', '=', hash)
      .where('masked', '=', 0)
      .where('seq', '>', after)
      .where('seq', '<', seq),
  )
}

const PAGE = 200

/** Goes through a query's pins in order, to the first that this settlement has not settled. */
export async function firstOpen(
  settlement: Open,
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
