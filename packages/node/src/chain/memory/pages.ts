import { NodeError } from '@concordat/protocol'
import type { Logger } from '../../lib/logger.ts'
import type { World } from '../../lib/world.ts'
import type { ChainEvent, ChainPage, Checkpoint } from '../chain.ts'
import { type Cursor, moveCursor, parseCheckpoint, writeCheckpoint } from '../checkpoint.ts'
import { toProtocolId } from '../protocol-id.ts'
import type { LedgerBlock, MinedTransaction } from './ledger.ts'

/** What a node sees of a ledger: its blocks up to `head`. */
export interface View {
  readonly blocks: readonly LedgerBlock[]
  readonly head: number
}

interface Reader {
  readonly world: Pick<World, 'sleep'>
  readonly log: Logger
  readonly view: () => View
  readonly changed: (signal: AbortSignal) => Promise<void>
}

interface Request {
  readonly address: string
  readonly confirmations: number
  readonly from: Checkpoint | null
  readonly firstEvent: string
  readonly signal: AbortSignal
}

const maxBlocks = 100
/** Blocks without events that may pass before the checkpoint is told anyway. */
const emptyBlocks = 32
/** A view that is behind is given this long to catch up. */
const doubtMs = 1_000

/** Final events of one contract; ends when the signal aborts. */
export async function* readPages(reader: Reader, request: Request): AsyncGenerator<ChainPage> {
  const { signal, confirmations, address } = request
  let cursor = openCursor(reader.view(), request)
  let told = cursor.number
  while (!signal.aborted) {
    const changed = reader.changed(signal)
    await checkStanding(reader, cursor, signal)
    const { blocks, head } = reader.view()
    const last = Math.min(head - confirmations, cursor.number + maxBlocks)
    const fresh = blocks.slice(cursor.number + 1, last + 1)
    const end = fresh.at(-1)
    if (!end || end.number <= cursor.number) {
      await changed
      continue
    }
    cursor = moveCursor(cursor, end)
    const events = fresh.flatMap((block) => eventsOf(block, address, reader.log))
    if (events.length === 0 && cursor.number - told < emptyBlocks) continue
    told = cursor.number
    yield { events, checkpoint: writeCheckpoint(cursor) }
  }
}

function openCursor({ blocks }: View, { from, firstEvent }: Request): Cursor {
  const genesis = blocks[0]?.hash ?? ''
  if (from === null) return { genesis, number: firstBlock(blocks, firstEvent) - 1, recent: [] }
  const cursor = parseCheckpoint(from)
  if (cursor.genesis === genesis) return cursor
  throw new NodeError('CC20105', { expected: cursor.genesis, actual: genesis })
}

function firstBlock(blocks: readonly LedgerBlock[], firstEvent: string): number {
  if (firstEvent === 'newest' || firstEvent === 'latest') return blocks.length
  if (firstEvent === 'oldest' || firstEvent === '') return 0
  if (/^\d{1,15}$/.test(firstEvent)) return Number(firstEvent)
  throw new NodeError('CC20401', { faults: `firstEvent '${firstEvent}' is not a block` })
}

async function checkStanding(reader: Reader, cursor: Cursor, signal: AbortSignal): Promise<void> {
  if (!cursor.hash) return
  if (reader.view().head < cursor.number) await reader.world.sleep(doubtMs, signal).catch(() => {})
  if (signal.aborted) return
  const { blocks, head } = reader.view()
  const rewritten = cursor.recent.some(
    ([number, hash]) => number <= head && blocks[number]?.hash !== hash,
  )
  if (rewritten) throw new NodeError('CC20103', { block: cursor.number })
  if (head < cursor.number) throw new NodeError('CC20104', { head, read: cursor.number })
}

function eventsOf(block: LedgerBlock, address: string, log: Logger): ChainEvent[] {
  const events: ChainEvent[] = []
  const effective = block.transactions.filter(({ error }) => !error)
  for (const [logIndex, mined] of effective.entries()) {
    if (mined.contract !== address) continue
    const transactionIndex = block.transactions.indexOf(mined)
    const event = toEvent(block, mined, transactionIndex, logIndex)
    if (event) events.push(event)
    else log.warn({ transactionHash: mined.hash }, 'skipped an event that makes no sense')
  }
  return events
}

const noId = '00000000-0000-0000-0000-000000000000'

function toEvent(
  block: LedgerBlock,
  { hash, key, contract, call }: MinedTransaction,
  transactionIndex: number,
  logIndex: number,
): ChainEvent | undefined {
  if (call.method === 'junk') return undefined
  const place = {
    protocolId: toProtocolId(block.number, transactionIndex, logIndex),
    blockNumber: block.number,
    blockHash: block.hash,
    transactionHash: hash,
    transactionIndex,
    logIndex,
    timestamp: block.timestamp,
    signer: key,
    contract,
  }
  if (call.method === 'pinBatch') return { ...place, action: 'firefly:batch_pin', ...call.pin }
  const { action, payload } = call
  const empty = { txId: noId, batchId: noId, batchHash: '0'.repeat(64), contexts: [] }
  return { ...place, ...empty, action, payloadRef: payload }
}
