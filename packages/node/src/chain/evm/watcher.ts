import { type Hex, hexToNumber, numberToHex, type RpcTransactionReceipt } from 'viem'
import type { Logger } from '../../lib/logger.ts'
import type { World } from '../../lib/world.ts'
import type { Journal, JournalEntry, Receipt } from '../chain.ts'
import { toProtocolId } from '../protocol-id.ts'
import { batchPinTopic } from './decode.ts'
import type { Head, Heads } from './heads.ts'
import { type Lane, toAddress } from './lane.ts'
import { findRevertReason } from './revert-reason.ts'
import { explain, type Rpc } from './rpc.ts'
import { type OpenTransaction, toEntry } from './transaction.ts'

export interface WatcherDeps {
  readonly rpc: Rpc
  readonly heads: Heads
  readonly world: World
  readonly log: Logger
  readonly journal: Journal
  readonly settled: (receipts: readonly Receipt[]) => Promise<void>
  readonly lanes: ReadonlyMap<string, Lane>
  readonly confirmationsOf: (contract: Hex) => Promise<number>
  readonly stuckMs: number
}

interface Ended {
  readonly lane: Lane
  readonly receipt: Receipt
  readonly entry: JournalEntry
}

/** A nonce that is used up by something not ours must look so this long: receipts may come after the count. */
const missingMs = 2_000
/** The oldest of a key's transactions is asked after so often while it isn't mined. */
const askMs = 2_000
/** Only so many of a key's transactions are handed over again at once. */
const resendAtOnce = 32

/** Looks at every open transaction once: settles what is final, hands over again what is lost or stuck. */
export async function watchOnce(deps: WatcherDeps, head: Head): Promise<void> {
  for (const lane of deps.lanes.values()) {
    if (lane.open.size === 0) continue
    const count = await countMined(deps, lane)
    const open = [...lane.open.values()]
    const mined = open.filter(({ nonce }) => nonce < count)
    const found = await Promise.all(mined.map((one) => endOf(deps, lane, one, head)))
    await settle(deps, found.flat())
    const waiting = open.filter(({ nonce }) => nonce >= count)
    await handOverAgain(deps, lane, waiting)
  }
}

async function countMined({ rpc }: WatcherDeps, lane: Lane): Promise<number> {
  const params: [Hex, 'latest'] = [toAddress(lane.key), 'latest']
  return hexToNumber(await rpc.request({ method: 'eth_getTransactionCount', params }))
}

async function endOf(
  deps: WatcherDeps,
  lane: Lane,
  open: OpenTransaction,
  head: Head,
): Promise<Ended[]> {
  const depth = await deps.confirmationsOf(open.contract)
  if (open.minedAt !== undefined && head.number < open.minedAt + depth) return []
  const receipt = await findReceipt(deps, open)
  if (!receipt) {
    await noteMissing(deps, lane, open)
    return []
  }
  delete open.missingSince
  open.minedAt = hexToNumber(receipt.blockNumber)
  if (head.number < open.minedAt + depth) return []
  return [await conclude(deps, lane, open, receipt)]
}

async function findReceipt(
  { rpc }: WatcherDeps,
  { hashes }: OpenTransaction,
): Promise<RpcTransactionReceipt | undefined> {
  for (const hash of hashes.toReversed()) {
    const params: [Hex] = [hash]
    const receipt = await rpc.batched({ method: 'eth_getTransactionReceipt', params })
    if (receipt) return receipt
  }
  return undefined
}

async function noteMissing(deps: WatcherDeps, lane: Lane, open: OpenTransaction): Promise<void> {
  const now = deps.world.now()
  delete open.minedAt
  open.missingSince ??= now
  if (now - open.missingSince >= missingMs) await lane.displace(open)
}

async function conclude(
  deps: WatcherDeps,
  lane: Lane,
  open: OpenTransaction,
  receipt: RpcTransactionReceipt,
): Promise<Ended> {
  const { transactionHash } = receipt
  const { id } = open
  const error = await faultOf(deps, lane, open, receipt)
  if (error !== undefined) {
    const told: Receipt = { id, status: 'failed', transactionHash, error }
    return { lane, receipt: told, entry: toEntry(open, 'failed', error) }
  }
  const log = receipt.logs.find(
    ({ address, topics }) => address.toLowerCase() === open.contract && topics[0] === batchPinTopic,
  )
  const protocolId = toProtocolId(
    hexToNumber(receipt.blockNumber),
    hexToNumber(receipt.transactionIndex),
    log?.logIndex ? hexToNumber(log.logIndex) : 0,
  )
  const told: Receipt = { id, status: 'succeeded', transactionHash, protocolId }
  return { lane, receipt: told, entry: toEntry(open, 'mined') }
}

async function faultOf(
  { rpc }: WatcherDeps,
  lane: Lane,
  open: OpenTransaction,
  receipt: RpcTransactionReceipt,
): Promise<string | undefined> {
  const isLast = receipt.transactionHash === open.hashes.at(-1)
  if (isLast && open.refused !== undefined) return open.refused
  if (receipt.status !== '0x0') return undefined
  const block = numberToHex(hexToNumber(receipt.blockNumber))
  return findRevertReason(rpc, { raw: open.raw, from: toAddress(lane.key), block })
}

async function settle(deps: WatcherDeps, ended: readonly Ended[]): Promise<void> {
  if (ended.length === 0) return
  await deps.settled(ended.map(({ receipt }) => receipt))
  await deps.journal.save(ended.map(({ entry }) => entry))
  for (const { lane, entry } of ended) lane.open.delete(entry.id)
}

async function handOverAgain(
  deps: WatcherDeps,
  lane: Lane,
  waiting: readonly OpenTransaction[],
): Promise<void> {
  const { world, stuckMs, log } = deps
  const now = world.now()
  const [first] = waiting
  if (first && (await isForgotten(deps, first))) for (const open of waiting) delete open.sentAt
  const due = waiting.filter(({ sentAt }) => sentAt === undefined || now - sentAt >= stuckMs)
  for (const open of due.slice(0, resendAtOnce)) {
    const stuck = open === first && now - open.signedAt >= stuckMs
    await lane.resend(open, stuck).catch((error: unknown) => {
      log.warn({ id: open.id, reason: explain(error) }, 'transaction not handed over again')
    })
  }
}

/** Whether the chain lost a transaction: with a block that was replaced, or by starting anew. */
async function isForgotten({ rpc, world }: WatcherDeps, open: OpenTransaction): Promise<boolean> {
  const now = world.now()
  const wasMined = open.minedAt !== undefined
  if (open.sentAt === undefined || (!wasMined && now - (open.askedAt ?? open.sentAt) < askMs)) {
    return false
  }
  delete open.minedAt
  open.askedAt = now
  for (const hash of open.hashes) {
    const params: [Hex] = [hash]
    if (await rpc.request({ method: 'eth_getTransactionByHash', params })) return false
  }
  return true
}
