import type { ChainEvent } from '../chain/chain.ts'
import type { Database } from '../store/database.ts'
import { Settlement, type SettlementDeps } from './settlement.ts'
import { type StandingDeps, standingOf } from './standing.ts'

/** By which the members leave a contract for the next one. */
export const TERMINATE = 'firefly:terminate'

export interface TerminationDeps extends StandingDeps, Omit<SettlementDeps, 'absenceOf'> {
  readonly database: Database
}

/**
 * Whether an event ends its contract, alike at every member: it must come from the key of an organisation without parent
 * that was registered before it. Undefined as long as an earlier pin may have registered the key. All pins before the
 * event must be written, and none after it.
 */
export async function decideTermination(
  deps: TerminationDeps,
  { action, signer, protocolId }: Pick<ChainEvent, 'action' | 'signer' | 'protocolId'>,
): Promise<boolean | undefined> {
  if (action !== TERMINATE) return false
  return await deps.database.transaction(async (tx) => {
    const seq = tx.sequence('pins', 0)
    // Only looked through: nothing is settled by it, and of nothing is it known that nobody holds it.
    const looking = Object.assign({ absenceOf: () => undefined }, deps)
    const settlement = new Settlement(tx, looking)
    const standing = await standingOf(deps, settlement, { seq, signer, protocolId })
    if (standing.kind === 'undetermined') return undefined
    if (standing.kind === 'outsider') return false
    const owner = deps.directory.byVerifier(deps.verifierType, signer)
    return owner?.row.type === 'org' && owner.row.parent === null
  })
}
