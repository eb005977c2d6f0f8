import { broadcastContext } from '@concordat/protocol'
import { sql } from 'kysely'
import type { Block } from './block.ts'
import type { DefinitionAt } from './definitions.ts'
import type { Settlement } from './settlement.ts'
import { firstOpen } from './standing.ts'

const TAGS = ['ff_identity_claim', 'ff_identity_verification']

/**
 * Identities share names, keys and ids across topics, so their registrations are decided in the order of the whole chain:
 * each waits for what an earlier event may still register. Rare, and never asked for ordinary messages.
 */
export async function earlierRegistration(
  namespace: string,
  { settlement, pin, message }: DefinitionAt,
): Promise<Block | undefined> {
  await settlement.flush()
  const by =
    (await unreadable(namespace, settlement, pin.seq)) ??
    (await undecided(namespace, settlement, pin.seq))
  if (by === undefined) return undefined
  return {
    kind: 'out_of_order',
    pin,
    message: message.header.id,
    author: message.header.author,
    detail: `an earlier message may register an identity, and is not decided yet (pin ${by})`,
    after: [by],
  }
}

/** The first pin whose payload is not here: it may hold anything. */
const unreadable = async (
  namespace: string,
  settlement: Settlement,
  before: number,
): Promise<number | undefined> =>
  await firstOpen(settlement, (after) =>
    settlement.tx.db
      .selectFrom('pins')
      .select('pins.seq')
      .where('pins.namespace', '=', namespace)
      .where('dispatched', '=', sql.lit(0))
      .where('masked', '=', 0)
      .where('pins.seq', '>', after)
      .where('pins.seq', '<', before)
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('batches')
              .select('batches.seq')
              .whereRef('batches.namespace', '=', 'pins.namespace')
              .whereRef('batches.hash', '=', 'pins.batchHash')
              .whereRef('batches.payloadRef', '=', 'pins.payloadRef'),
          ),
        ),
      ),
  )

/** The first pin on a topic of a claim, or of a parent's word, that is not decided. */
async function undecided(
  namespace: string,
  settlement: Settlement,
  before: number,
): Promise<number | undefined> {
  const rows = await settlement.tx.db
    .selectFrom('messages')
    .select('topics')
    .where('namespace', '=', namespace)
    .where('type', '=', sql.lit('definition'))
    .where('tag', 'in', TAGS)
    .where('state', 'in', ['sent', 'pending'])
    .execute()
  const contexts = rows.flatMap(({ topics }) => topics.split(',').map(broadcastContext))
  if (contexts.length === 0) return undefined
  return await firstOpen(settlement, (after) =>
    settlement.tx.db
      .selectFrom('pins')
      .select('seq')
      .where('namespace', '=', namespace)
      .where('dispatched', '=', sql.lit(0))
      .where('hash', 'in', contexts)
      .where('masked', '=', 0)
      .where('seq', '>', after)
      .where('seq', '<', before),
  )
}
