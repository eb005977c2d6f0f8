import type { LoggedBlock } from './block-log.ts'
import { callOne, headOf, readBlock } from './rpc.ts'

export interface Replayed {
  /** Blocks put back. */
  readonly blocks: number
  /** The first block that could not be made again as it was. */
  readonly lostFrom?: number
}

/**
 * Puts back the blocks that the saved state lacks. The chain makes a block from nothing but its parent, its time and its
 * transactions, so the same ones give the same hash, and nodes that have read those blocks notice nothing. Needs
 * mining to be off; leaves it off, and the chain's clock in the past.
 */
export async function replay(url: string, logged: readonly LoggedBlock[]): Promise<Replayed> {
  const head = await headOf(url)
  const missing = logged.filter(({ number }) => number > head).sort((a, b) => a.number - b.number)
  let blocks = 0
  for (const block of missing) {
    if (block.number !== head + blocks + 1) return { blocks, lostFrom: head + blocks + 1 }
    for (const raw of block.transactions) await callOne(url, 'eth_sendRawTransaction', [raw])
    // The chain's clock is past that time already, and must be turned back first.
    await callOne(url, 'evm_setTime', [block.timestamp])
    await callOne(url, 'evm_setNextBlockTimestamp', [block.timestamp])
    await callOne(url, 'evm_mine')
    const made = await readBlock(url, block.number)
    if (made?.hash !== block.hash) return { blocks, lostFrom: block.number }
    blocks++
  }
  return { blocks }
}
