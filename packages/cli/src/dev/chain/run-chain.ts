import { copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type AnvilProcess, startAnvil } from '@concordat/testkit'
import { type BlockLog, openBlockLog } from './block-log.ts'
import { followBlocks } from './follow.ts'
import { startPace } from './pace.ts'
import type { ChainReady } from './ready.ts'
import { replay } from './replay.ts'
import { callOne, field, headOf, readBlock } from './rpc.ts'

export interface ChainOptions {
  /** Folder of the chain's files. */
  readonly dir: string
  readonly port: number
  readonly mnemonic: string
  readonly accounts: number
  /**
   * The time of block 0. Every start makes that block anew, before the saved ones are loaded: made of the same things, it is
   * the same block.
   */
  readonly genesisTime: number
  /** Seconds between blocks; a block at once for each transaction if absent. */
  readonly blockTime?: number
}

export interface RunningChain extends AsyncDisposable {
  readonly facts: ChainReady
  /** Resolves when a block could not be logged in the ordinary way: the chain must stop. */
  readonly lost: Promise<unknown>
  readonly exited: AnvilProcess['exited']
}

/** Calls at past blocks, to find out why something failed, come soon; every state kept holds the hashes of all blocks. */
const keptStates = 8

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
  if (!isWhole(stateFile)) recover(stateFile, olderFile)
  else copyFileSync(stateFile, olderFile)
  const { port, mnemonic, accounts, genesisTime } = options
  const anvil = await startAnvil({ port, mnemonic, accounts, genesisTime, stateFile, keptStates })
  try {
    await callOne(anvil.url, 'evm_setAutomine', [false])
    const replayed = await putBack(anvil.url, log)
    const head = await headOf(anvil.url)
    const { promise: lost, resolve: onLost } = Promise.withResolvers<unknown>()
    await followBlocks(anvil, log, head + 1, onLost)
    await callOne(anvil.url, 'evm_setTime', [Math.floor(Date.now() / 1000)])
    const pace = blockTime === undefined ? undefined : startPace(anvil.url, blockTime * 1000)
    if (!pace) await callOne(anvil.url, 'evm_setAutomine', [true])
    const genesis = (await readBlock(anvil.url, 0))?.hash ?? ''
    const { url, wsUrl, pid } = anvil
    return {
      facts: { url, wsUrl, pid, accounts: [...anvil.accounts], genesis, head, ...replayed },
      lost,
      exited: anvil.exited,
      [Symbol.asyncDispose]: () => {
        pace?.[Symbol.dispose]()
        return anvil[Symbol.asyncDispose]()
      },
    }
  } catch (error) {
    await anvil[Symbol.asyncDispose]()
    throw error
  }
}

/** The state before, or none: then the log begins at block 1. */
function recover(stateFile: string, olderFile: string): void {
  if (isWhole(olderFile)) copyFileSync(olderFile, stateFile)
  else rmSync(stateFile, { force: true })
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
): Promise<{ replayed: number; lostFrom?: number }> {
  const saved = await headOf(url)
  const later = log.read().filter(({ number }) => number > saved)
  const { blocks, lostFrom } = await replay(url, later)
  // The older state ends here by now; the log must not begin later.
  log.keep(later.slice(0, blocks))
  return { replayed: blocks, ...(lostFrom !== undefined && { lostFrom }) }
}
