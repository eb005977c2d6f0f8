import { broadcastContext, identityTopic } from '@concordat/protocol'
import { sql } from 'kysely'
import type { Directory } from '../identity/directory.ts'
import type { PinRow } from '../store/schema.ts'
import type { Settlement } from './settlement.ts'

/**
 * Whose pin it is, at its own position on the chain:
 * - `member`: by a key whose identity was registered before. Holds back later pins of its context until it is decided.
 * - `outsider`: by a key that no earlier pin can have registered. Never holds back a member.
 * - `undetermined`: an earlier pin by the same key, not decided yet, may have been its registration. Waits like a member's.
 */
export type Standing = 'member' | 'outsider' | 'undetermined'

export interface StandingDeps {
  readonly namespace: string
  readonly directory: Directory
  readonly verifierType: string
}

type Signed = Pick<PinRow, 'seq' | 'signer' | 'protocolId'>

export async function standingOf(
  { namespace, directory, verifierType }: StandingDeps,
  settlement: Settlement,
  pin: Signed,
): Promise<Standing> {
  const known = directory.byVerifier(verifierType, pin.signer)
  if (known && known.verifier.position < pin.seq) return 'member'
  const earlier = await settlement.tx.db
    .selectFrom('pins')
    .select(['seq', 'protocolId'])
    .where('namespace', '=', namespace)
    .where('dispatched', '=', sql.lit(0))
    .where('signer', '=', pin.signer)
    .where('seq', '<', pin.seq)
    .where('masked', '=', 0)
    .orderBy('seq')
    .limit(200)
    .execute()
  return earlier.some((other) => other.protocolId !== pin.protocolId && settlement.isOpen(other))
    ? 'undetermined'
    : 'outsider'
}

/** Whether a claim of `did`, pinned before `seq`, is still undecided: until then nobody can say which key is its own. */
export async function mayBeClaimedBefore(
  { namespace }: StandingDeps,
  settlement: Settlement,
  did: string,
  seq: number,
): Promise<boolean> {
  const open = await settlement.tx.db
    .selectFrom('pins')
    .select('seq')
    .where('namespace', '=', namespace)
    .where('dispatched', '=', sql.lit(0))
    .where('hash', '=', broadcastContext(identityTopic(did)))
    .where('seq', '<', seq)
    .limit(50)
    .execute()
  return open.some((pin) => settlement.isOpen(pin))
}
