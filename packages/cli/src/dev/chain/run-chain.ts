import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type AnvilProcess, startAnvil } from '@concordat/testkit'
import { type BlockLog, openBlockLog } from './block-log.ts'
import { followBlocks } from './follow.ts'
import type { ChainReady } from './ready.ts'
import { replay } from './replay.ts'
import { callOne, field, headOf, readBlock } from './rpc.ts'

export interface ChainOptions {
  /** Folder of the chain's files. */
  readonly dir: string
  readonly port: number
  readonly mnemonic: string
  readonly accounts: number
  /** Seconds between blocks; a block at once for each transaction if absent. */
  readonly blockTime?: number
}

export interface RunningChain extends AsyncDisposable {
  readonly facts: ChainReady
  readonly exited: AnvilProcess['exited']
}

/**
 * Starts the chain where it ended. Its state is saved every few seconds and on a clean stop; blocks in between are in a log
 * of their own, and are put back after a crash. An older state is kept beside it, in case the crash cut the last one short:
 * the log begins where that older one ends.
 */
export async function runChain(options: ChainOptions): Promise<RunningChain> {
  const { dir, blockTime } = options
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const stateFile = join(dir, 'state.json')
  const olderFile = join(dir, 'state.older.json')
  const log = openBlockLog(join(dir, 'blocks.jsonl'))
  const start = (): Promise<AnvilProcess> => startAnvil({ ...withoutBlockTime(options), stateFile })
  if (!existsSync(stateFile)) await writeGenesis(start)
  else if (!isWhole(stateFile)) copyFileSync(olderFile, stateFile)
  const anvil = await start()
  try {
    await callOne(anvil.url, 'evm_setAutomine', [false])
    const replayed = await putBack(anvil.url, log, () => copyFileSync(stateFile, olderFile))
    const head = await headOf(anvil.url)
    await followBlocks(anvil, log, head + 1)
    if (blockTime === undefined) await callOne(anvil.url, 'evm_setAutomine', [true])
    else await callOne(anvil.url, 'evm_setIntervalMining', [blockTime])
    const genesis = (await readBlock(anvil.url, 0))?.hash ?? ''
    const { url, wsUrl, pid, accounts } = anvil
    return {
      facts: { url, wsUrl, pid, accounts: [...accounts], genesis, head, ...replayed },
      exited: anvil.exited,
      [Symbol.asyncDispose]: () => anvil[Symbol.asyncDispose](),
    }
  } catch (error) {
    await anvil[Symbol.asyncDispose]()
    throw error
  }
}

const withoutBlockTime = ({ port, mnemonic, accounts }: ChainOptions) => ({
  port,
  mnemonic,
  accounts,
})

/** The first block carries the time of its making: it is written down before anything is built on it. */
async function writeGenesis(start: () => Promise<AnvilProcess>): Promise<void> {
  const anvil = await start()
  await anvil[Symbol.asyncDispose]()
}

function isWhole(stateFile: string): boolean {
  try {
    return field(JSON.parse(readFileSync(stateFile, 'utf8')), 'blocks') !== undefined
  } catch {
    return false
  }
}

async function putBack(
  url: string,
  log: BlockLog,
  keepState: () => void,
): Promise<{ replayed: number; lostFrom?: number }> {
  const saved = await headOf(url)
  const later = log.read().filter(({ number }) => number > saved)
  const { blocks, lostFrom } = await replay(url, later)
  // In this order: the log must never begin after the older state ends.
  keepState()
  log.keep(later.slice(0, blocks))
  return { replayed: blocks, ...(lostFrom !== undefined && { lostFrom }) }
}
