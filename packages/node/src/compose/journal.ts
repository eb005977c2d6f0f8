import { formatTime, padTime } from '@concordat/protocol'
import type { Journal, JournalEntry } from '../chain/chain.ts'
import type { World } from '../lib/world.ts'
import type { Database } from '../store/database.ts'
import type { ChainTransactionRow } from '../store/schema.ts'

/** Signed transactions in the `chain_transactions` table; `chain` is the plugin's name. */
export function createJournal(database: Database, chain: string, world: World): Journal {
  const toEntry = ({
    id,
    key,
    nonce,
    state,
    record,
    error,
  }: ChainTransactionRow): JournalEntry => ({
    id,
    key,
    nonce,
    state: state === 'mined' || state === 'failed' ? state : 'signed',
    record,
    ...(error !== null && { error }),
  })
  return {
    async find(id) {
      const row = await database.read
        .selectFrom('chainTransactions')
        .selectAll()
        .where('chain', '=', chain)
        .where('id', '=', id)
        .executeTakeFirst()
      return row && toEntry(row)
    },
    async lastNonce(key) {
      const row = await database.read
        .selectFrom('chainTransactions')
        .select(({ fn }) => fn.max('nonce').as('last'))
        .where('chain', '=', chain)
        .where('key', '=', key)
        .executeTakeFirst()
      return row?.last ?? undefined
    },
    async open() {
      const rows = await database.read
        .selectFrom('chainTransactions')
        .selectAll()
        .where('chain', '=', chain)
        .where('state', '=', 'signed')
        .orderBy('key')
        .orderBy('nonce')
        .execute()
      return rows.map(toEntry)
    },
    async save(entries) {
      const created = padTime(formatTime(world.now()))
      await database.transaction(async ({ db }) => {
        for (const { id, key, nonce, state, record, error = null } of entries) {
          await db
            .insertInto('chainTransactions')
            .values({ id, chain, key, nonce, state, record, error, created })
            .onConflict((conflict) =>
              conflict.column('id').doUpdateSet({ nonce, state, record, error }),
            )
            .execute()
        }
      })
    },
  }
}
