import { type Receiver, readWrapper } from '../aggregator/receiver.ts'
import type { Exchange } from '../exchange/exchange.ts'
import type { Directory } from '../identity/directory.ts'
import { startDeadline } from '../lib/deadline.ts'
import type { World } from '../lib/world.ts'
import type { PinRow } from '../store/schema.ts'

export interface RequestDeps {
  readonly world: World
  readonly exchange: Exchange
  readonly directory: Directory
  readonly receiver: Pick<Receiver, 'receive'>
}

/** Bytes of a batch at most, and milliseconds for one peer to give it. */
const MAX_BATCH = 16 * 1024 * 1024
const TIMEOUT_MS = 30_000

/** Asks one peer after another for a private batch, until one has it. It is taken in as if its author's node had sent it. */
export async function requestPrivateBatch(
  deps: RequestDeps,
  { batchHash }: Pick<PinRow, 'batchHash'>,
): Promise<void> {
  for (const peer of deps.exchange.peers()) {
    const content = await fetchFrom(deps, peer, batchHash)
    if (content && (await takeIn(deps, batchHash, content))) return
  }
}

type Peer = ReturnType<Exchange['peers']>[number]

async function fetchFrom(
  { world, exchange }: RequestDeps,
  peer: Peer,
  batchHash: string,
): Promise<Uint8Array | undefined> {
  const deadline = startDeadline(world, TIMEOUT_MS)
  return await exchange
    .fetchBatch(peer, batchHash, MAX_BATCH, deadline.signal)
    .catch(() => undefined)
    .finally(() => deadline.abort())
}

async function takeIn(
  { directory, receiver }: RequestDeps,
  batchHash: string,
  content: Uint8Array,
): Promise<boolean> {
  const wrapper = readWrapper(content)
  if (!wrapper?.batch.node || wrapper.batch.hash !== batchHash) return false
  const owner = directory.byId(wrapper.batch.node)?.verifier.value
  return owner !== undefined && (await receiver.receive(owner, wrapper, content)) === 'accepted'
}
