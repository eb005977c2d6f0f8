import { timeToMs } from '@concordat/protocol'
import type { Transaction } from '../store/database.ts'
import type { PinRow } from '../store/schema.ts'

/** What the chain said besides its pins. */
export interface EventFacts {
  /** The block's time, in milliseconds since 1970. */
  readonly timestamp: number
  /** Whether another contract pinned, in the name of whoever called it. */
  readonly invoked: boolean
}

/** Facts of chain events, each read once in a transaction. */
export class EventFactsOf {
  readonly #namespace: string
  readonly #tx: Transaction
  readonly #facts = new Map<string, EventFacts>()

  constructor(namespace: string, tx: Transaction) {
    this.#namespace = namespace
    this.#tx = tx
  }

  async read({ protocolId }: Pick<PinRow, 'protocolId'>): Promise<EventFacts> {
    const known = this.#facts.get(protocolId)
    if (known) return known
    const row = await this.#tx.db
      .selectFrom('blockchainEvents')
      .select(['timestamp', 'txType'])
      .where('namespace', '=', this.#namespace)
      .where('protocolId', '=', protocolId)
      .where('listener', 'is', null)
      .executeTakeFirstOrThrow()
    const invoked = row.txType === 'contract_invoke_pin'
    const facts = { timestamp: timeToMs(row.timestamp), invoked }
    this.#facts.set(protocolId, facts)
    return facts
  }
}
