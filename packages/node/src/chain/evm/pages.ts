import { NodeError } from '@concordat/protocol'
import { type Hex, numberToHex, type RpcLog } from 'viem'
import type { Logger } from '../../lib/logger.ts'
import type { World } from '../../lib/world.ts'
import type { ChainEvent, ChainPage, Checkpoint } from '../chain.ts'
import { type Cursor, moveCursor, parseCheckpoint, writeCheckpoint } from '../checkpoint.ts'
import { batchPinTopic, decodeBatchPin } from './decode.ts'
import { type Head, type Heads, toHead } from './heads.ts'
import { explain, type Rpc, refusal } from './rpc.ts'

export interface PageReader {
  readonly rpc: Rpc
  readonly heads: Heads
  readonly world: World
  readonly log: Logger
  readonly maxBlockRange: number
}

export interface PageRequest {
  readonly address: Hex
  readonly confirmations: number
  readonly from: Checkpoint | null
  readonly firstEvent: string
  readonly signal: AbortSignal
}

/** Blocks without events that may pass before the checkpoint is told anyway. */
const emptyBlocks = 32
/** A view behind the checkpoint, or one that contradicts it, must stay so this long: a lagging replica is not a fork. */
const doubtMs = 1_000
const doubtStepMs = 200
/** A page with more events than this makes the next one smaller. */
const manyEvents = 2_000

/** The events of one contract, final ones only, from a checkpoint on and for ever; ends when the signal aborts. */
export async function* readPages(
  reader: PageReader,
  request: PageRequest,
): AsyncGenerator<ChainPage> {
  const place: Place = { cursor: undefined, told: 0, range: reader.maxBlockRange, failures: 0 }
  while (!request.signal.aborted) {
    const page = await readPage(reader, request, place).catch((error: unknown) =>
      rest(reader, request, place, error),
    )
    if (page) yield page
  }
}

interface Place {
  cursor: Cursor | undefined
  /** The block of the last checkpoint told. */
  told: number
  /** Blocks to ask for at once. */
  range: number
  failures: number
}

/** One step onward; resolves with a page if there is something to tell. */
async function readPage(
  reader: PageReader,
  request: PageRequest,
  place: Place,
): Promise<ChainPage | undefined> {
  if (!place.cursor) {
    place.cursor = await openCursor(reader, request)
    place.told = place.cursor.number
  }
  const { events, end } = await readNext(reader, request, place.cursor, place.range)
  const cursor = moveCursor(place.cursor, end)
  place.cursor = cursor
  place.range = nextRange(place.range, events.length, reader.maxBlockRange)
  place.failures = 0
  if (events.length === 0 && cursor.number - place.told < emptyBlocks) return undefined
  place.told = cursor.number
  return { events, checkpoint: writeCheckpoint(cursor) }
}

/** After a failure: throws what will not pass, asks for less, or waits a while. */
async function rest(
  { log, world }: PageReader,
  { signal }: PageRequest,
  place: Place,
  error: unknown,
): Promise<undefined> {
  if (signal.aborted) return
  if (error instanceof NodeError) throw error
  if (place.range > 1 && isTooMuch(error)) {
    place.range = Math.ceil(place.range / 2)
    return
  }
  place.failures += 1
  if (place.failures === 1) log.warn({ reason: explain(error) }, 'events can not be read')
  const pause = Math.min(25 * 2 ** Math.min(place.failures, 10), 10_000)
  await world.sleep(pause, signal).catch(() => {})
}

const nextRange = (range: number, events: number, max: number): number =>
  events > manyEvents ? Math.ceil(range / 2) : Math.min(range * 2, max)

/** Waits for final blocks after the cursor, and reads up to `range` of them. */
async function readNext(
  reader: PageReader,
  request: PageRequest,
  cursor: Cursor,
  range: number,
): Promise<Range> {
  const { confirmations, signal } = request
  let seen: Head | undefined
  for (;;) {
    const head = await reader.heads.next(seen, signal)
    const final = head.number - confirmations
    if (final > cursor.number) {
      return readRange(reader, request, cursor, Math.min(final, cursor.number + range), head)
    }
    await checkStanding(reader, cursor, head, signal)
    seen = head
  }
}

async function openCursor(reader: PageReader, request: PageRequest): Promise<Cursor> {
  const { from, firstEvent, signal } = request
  await reader.heads.latest(signal)
  const genesis = (await getHeader(reader, 0)).hash
  if (from === null) {
    const number = await firstBlock(reader, firstEvent)
    return { genesis, number: number - 1, recent: [] }
  }
  const cursor = parseCheckpoint(from)
  assertSameChain(cursor, genesis)
  return cursor
}

async function firstBlock({ heads }: PageReader, firstEvent: string): Promise<number> {
  if (firstEvent === 'newest' || firstEvent === 'latest') return (await heads.latest()).number + 1
  if (firstEvent === 'oldest' || firstEvent === '') return 0
  if (/^\d{1,15}$/.test(firstEvent)) return Number(firstEvent)
  throw new NodeError('CC20401', { faults: `firstEvent '${firstEvent}' is not a block` })
}

interface Range {
  readonly events: readonly ChainEvent[]
  /** The last block read. */
  readonly end: Head
}

async function readRange(
  reader: PageReader,
  request: PageRequest,
  cursor: Cursor,
  to: number,
  head: Head,
): Promise<Range> {
  const { address } = request
  const end = head.number === to ? head : await getHeader(reader, to)
  if (to === cursor.number + 1) {
    if (cursor.hash && end.parentHash !== cursor.hash)
      await refuseFork(reader, cursor, request.signal)
    const logs = await getLogs(reader, { address, blockHash: end.hash })
    return { events: await toEvents(reader, logs, [end]), end }
  }
  await assertStanding(reader, cursor, request.signal)
  const fromBlock = numberToHex(cursor.number + 1)
  const logs = await getLogs(reader, { address, fromBlock, toBlock: numberToHex(to) })
  // The same end before and after: the logs are of one chain.
  if ((await getHeader(reader, to)).hash !== end.hash) throw new Error('the chain moved meanwhile')
  return { events: await toEvents(reader, logs, [end]), end }
}

type LogFilter = { address: Hex } & ({ blockHash: Hex } | { fromBlock: Hex; toBlock: Hex })

const getLogs = ({ rpc }: PageReader, filter: LogFilter): Promise<RpcLog[]> =>
  rpc.request({ method: 'eth_getLogs', params: [{ ...filter, topics: [batchPinTopic] }] })

async function toEvents(
  reader: PageReader,
  logs: readonly RpcLog[],
  known: readonly Head[],
): Promise<readonly ChainEvent[]> {
  const times = new Map(known.map((head) => [head.hash, head.timestamp]))
  const events: ChainEvent[] = []
  for (const raw of logs) {
    if (!raw.blockHash) continue
    const stamp: unknown = 'blockTimestamp' in raw ? raw.blockTimestamp : undefined
    const time =
      typeof stamp === 'string'
        ? Number(stamp)
        : (times.get(raw.blockHash) ?? (await getTime(reader, raw.blockHash)))
    times.set(raw.blockHash, time)
    const event = decodeBatchPin(raw, time)
    if (event) events.push(event)
    else {
      const { transactionHash, logIndex } = raw
      reader.log.warn({ transactionHash, logIndex }, 'skipped an event that makes no sense')
    }
  }
  return events.sort((a, b) => (a.protocolId < b.protocolId ? -1 : 1))
}

async function getHeader({ rpc }: PageReader, number: number): Promise<Head> {
  const params: [Hex, false] = [numberToHex(number), false]
  return toHead(await rpc.request({ method: 'eth_getBlockByNumber', params }))
}

async function getTime({ rpc }: PageReader, hash: Hex): Promise<number> {
  const block = await rpc.request({ method: 'eth_getBlockByHash', params: [hash, false] })
  return toHead(block).timestamp
}

/** With nothing new to read: is what was read still there? */
async function checkStanding(
  reader: PageReader,
  cursor: Cursor,
  head: Head,
  signal: AbortSignal,
): Promise<void> {
  if (head.number === cursor.number && cursor.hash && head.hash !== cursor.hash) {
    await refuseFork(reader, cursor, signal)
  }
  // A start in the future is waited for.
  if (head.number >= cursor.number || !cursor.hash) return
  const latest = await inDoubt(reader, signal, async () => {
    const now = await reader.heads.latest(signal)
    return now.number < cursor.number ? now : undefined
  })
  if (!latest) return
  assertSameChain(cursor, (await getHeader(reader, 0)).hash)
  const shared = cursor.recent.findLast(([number]) => number <= latest.number)
  if (shared && (await getHeader(reader, shared[0])).hash !== shared[1]) {
    throw new NodeError('CC20103', { block: cursor.number })
  }
  throw new NodeError('CC20104', { head: latest.number, read: cursor.number })
}

async function assertStanding(
  reader: PageReader,
  cursor: Cursor,
  signal: AbortSignal,
): Promise<void> {
  if (!cursor.hash) return
  const { hash } = await getHeader(reader, cursor.number)
  if (hash !== cursor.hash) await refuseFork(reader, cursor, signal)
}

/** Throws if the chain goes on contradicting the checkpoint; a retryable error if the contradiction went away. */
async function refuseFork(reader: PageReader, cursor: Cursor, signal: AbortSignal): Promise<never> {
  const other = await inDoubt(reader, signal, async () => {
    const { hash } = await getHeader(reader, cursor.number)
    return hash === cursor.hash ? undefined : hash
  })
  if (!other) throw new Error('the chain moved meanwhile')
  assertSameChain(cursor, (await getHeader(reader, 0)).hash)
  throw new NodeError('CC20103', { block: cursor.number })
}

/** The last finding, if every one in `doubtMs` was defined. */
async function inDoubt<T>(
  { world }: PageReader,
  signal: AbortSignal,
  find: () => Promise<T | undefined>,
): Promise<T | undefined> {
  let found: T | undefined
  for (let waited = 0; waited <= doubtMs; waited += doubtStepMs) {
    found = await find()
    if (found === undefined) return undefined
    if (waited < doubtMs) await world.sleep(doubtStepMs, signal)
  }
  return found
}

function assertSameChain(cursor: Cursor, genesis: string): void {
  if (cursor.genesis !== genesis) {
    throw new NodeError('CC20105', { expected: cursor.genesis, actual: genesis })
  }
}

function isTooMuch(error: unknown): boolean {
  const answer = refusal(error)
  if (!answer) return error instanceof Error && /timeout/i.test(error.name)
  return /range|limit|too (many|large|big)|exceed|more than|response size/i.test(answer.message)
}
