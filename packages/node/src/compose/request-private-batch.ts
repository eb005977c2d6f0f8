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

/** `absent`: every peer said that it has none for us. */
export type Answer = 'found' | 'absent' | 'unreachable'

/** Asks one peer after another for a private batch, until one has it. It is taken in as if its author's node had sent it. */
export async function requestPrivateBatch(
  deps: RequestDeps,
  { batchHash }: Pick<PinRow, 'batchHash'>,
): Promise<Answer> {
  const peers = deps.exchange.peers()
  let answers = 0
  for (const peer of peers) {
    const content = await fetchFrom(deps, peer, batchHash)
    if (content === 'absent') answers += 1
    else if (content !== 'unreachable' && (await takeIn(deps, batchHash, content))) return 'found'
  }
  return answers === peers.length && answers > 0 ? 'absent' : 'unreachable'
}

type Peer = ReturnType<Exchange['peers']>[number]

async function fetchFrom(
  { world, exchange }: RequestDeps,
  peer: Peer,
  batchHash: string,
): Promise<Uint8Array | 'absent' | 'unreachable'> {
  const deadline = startDeadline(world, TIMEOUT_MS)
  return await exchange
    .fetchBatch(peer, batchHash, MAX_BATCH, deadline.signal)
    .then((content) => content ?? 'absent')
    .catch(() => 'unreachable' as const)
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
