import { timeToMs } from '@concordat/protocol'
import { sql } from 'kysely'
import type { PinRow } from '../store/schema.ts'
import type { Settlement } from './settlement.ts'
import { isMember, type StandingDeps } from './standing.ts'

/** That nobody holds a payload, as we found out by asking. */
export interface Absence {
  /** `absent`: everyone we asked said so of itself. `gone`: one said it of all members, or there can be no such payload. */
  readonly kind: 'absent' | 'gone'
  /** When we began to ask, in milliseconds since 1970. */
  readonly at: number
}

export interface AbsenceDeps extends StandingDeps {
  /** Our node's identity, once registered. */
  readonly nodeId: () => string | undefined
}

/** What an author may need to bring its payload to a member, after its pin was read: members take none before. */
const PATIENCE_MS = 5_000

/**
 * Whether no member holds the payload of an outsider's pin. Who was asked were the members we know: so either one of them
 * says it of all, or we must know all that may have it.
 */
export async function isAbsent(
  deps: AbsenceDeps,
  settlement: Settlement,
  pin: PinRow,
): Promise<boolean> {
  const absence = settlement.absenceOf(pin)
  if (!absence || absence.at < timeToMs(pin.created) + PATIENCE_MS) return false
  if (absence.kind === 'gone') return true
  return !othersWereFirst(deps, pin) && !(await mayOthersJoin(deps, settlement, pin))
}

/** Others were members at that position and we were not: what they hold of it they may have lost, or not have asked for yet. */
function othersWereFirst({ directory, nodeId }: AbsenceDeps, { seq }: PinRow): boolean {
  const own = nodeId()
  const before = directory.nodes().filter(({ verifier }) => verifier.position < seq)
  return before.length > 0 && !before.some(({ row }) => row.id === own)
}

/** An earlier pin may register a member that nobody could ask. */
async function mayOthersJoin(
  deps: AbsenceDeps,
  settlement: Settlement,
  { seq }: PinRow,
): Promise<boolean> {
  const earlier = await settlement.tx.db
    .selectFrom('pins')
    .select(['seq', 'signer', 'protocolId', 'payloadRef'])
    .where('namespace', '=', deps.namespace)
    .where('dispatched', '=', sql.lit(0))
    .where('masked', '=', 0)
    .where('seq', '<', seq)
    .execute()
  return earlier.some(
    (pin) =>
      settlement.isOpen(pin) && !isMember(deps, pin) && settlement.absenceOf(pin) === undefined,
  )
}

/**
 * An earlier pin that was set aside, made by a key or on a context, about which nobody was asked since this one was read: it
 * may have been found meanwhile, and what it says is worth waiting for.
 */
export async function findDoubtful(
  namespace: string,
  settlement: Settlement,
  { seq, created }: PinRow,
  by: { readonly signer: string } | { readonly hash: string },
): Promise<number | undefined> {
  const aside = await settlement.tx.db
    .selectFrom('pins')
    .select(['seq', 'payloadRef'])
    .where('namespace', '=', namespace)
    .where('dispatched', '=', sql.lit(2))
    .where('seq', '<', seq)
    .$if('signer' in by, (query) => query.where('signer', '=', 'signer' in by ? by.signer : ''))
    .$if('hash' in by, (query) => query.where('hash', '=', 'hash' in by ? by.hash : ''))
    .orderBy('seq')
    .execute()
  const read = timeToMs(created)
  return aside.find((pin) => (settlement.absenceOf(pin)?.at ?? 0) < read)?.seq
}
