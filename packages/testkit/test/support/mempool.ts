import { call } from '../../src/anvil.ts'
import type { Network } from '../../src/network.ts'
import type { Party } from '../../src/party.ts'

export interface PendingTransaction {
  readonly hash: string
  readonly from: string
  readonly input: string
}

/** Resolves what waits for a block, when that is as many as said. */
export async function pendingTransactions(
  { anvil, world }: Network,
  count: number,
): Promise<PendingTransaction[]> {
  for (const end = world.now() + 10_000; ; ) {
    const block = (await call(anvil.url, 'eth_getBlockByNumber', ['pending', true])) as {
      transactions: PendingTransaction[]
    }
    if (block.transactions.length >= count) return block.transactions
    if (world.now() > end) throw new Error(`${count} transactions never waited`)
    await world.sleep(20)
  }
}

/** Takes a party's transactions out of the queue; putting them back makes them the last. */
export async function takeOut(
  { anvil }: Network,
  party: Party,
  transactions: readonly PendingTransaction[],
): Promise<() => Promise<void>> {
  const rows = await party.namespace.database.read
    .selectFrom('chainTransactions')
    .select('record')
    .where('state', '=', 'signed')
    .orderBy('nonce')
    .execute()
  for (const { hash } of transactions) await call(anvil.url, 'anvil_dropTransaction', [hash])
  return async () => {
    for (const { record } of rows) {
      const { raw }: { raw: string } = JSON.parse(record)
      await call(anvil.url, 'eth_sendRawTransaction', [raw])
    }
  }
}
