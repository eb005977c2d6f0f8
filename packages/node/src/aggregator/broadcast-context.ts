import { type BatchMessage, NodeError } from '@concordat/protocol'
import { sql } from 'kysely'
import type { PinRow } from '../store/schema.ts'
import { type AbsenceDeps, findDoubtful, isAbsent } from './absence.ts'
import type { Block } from './block.ts'
import { broadcastPinsOf, type JudgeDeps, judge } from './judge.ts'
import { type BatchCache, type LoadedBatch, type Located, locate } from './loaded-batch.ts'
import { isProcessTopic } from './settled-pin.ts'
import type { Settlement } from './settlement.ts'
import { type Standing, standingOf } from './standing.ts'

export interface BroadcastDeps extends JudgeDeps, AbsenceDeps {
  readonly batches: BatchCache
  /** Another context whose turn may have come. */
  readonly touch: (context: string) => void
  /** Decisions in one transaction at most. */
  readonly maxDecisions: number
}

export type ContextState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'more' }
  | { readonly kind: 'blocked'; readonly block: Block }

const PAGE = 200
const IDLE: ContextState = { kind: 'idle' }

/**
 * Settles a topic's pins in chain order, as far as what is here allows. A member's pin that can't be decided yet ends the
 * walk; an outsider's only holds back other outsiders, and not even them once it is known that nobody holds its payload.
 */
export async function settleBroadcast(
  deps: BroadcastDeps,
  settlement: Settlement,
  context: string,
): Promise<ContextState> {
  const walk: Walk = { standings: new Map(), held: undefined }
  for (let after = 0; ; ) {
    const pins = await openPins(deps, settlement, context, { after, limit: PAGE })
    const end = await walkPage(deps, settlement, pins, walk)
    if (end) return end
    if (pins.length < PAGE) return walk.held ? { kind: 'blocked', block: walk.held } : IDLE
    after = pins.at(-1)?.seq ?? after
  }
}

interface Walk {
  /** By chain event: all its pins are by one key. */
  readonly standings: Map<string, Standing>
  /** What the first outsider that can't be decided yet waits for. */
  held: Block | undefined
}

/** Undefined when the walk goes on with the next page. */
async function walkPage(
  deps: BroadcastDeps,
  settlement: Settlement,
  pins: readonly PinRow[],
  walk: Walk,
): Promise<ContextState | undefined> {
  const { standings } = walk
  for (const pin of pins) {
    if (!settlement.isOpen(pin)) continue
    if (settlement.size >= deps.maxDecisions) return { kind: 'more' }
    const standing = standings.get(pin.protocolId) ?? (await standingOf(deps, settlement, pin))
    standings.set(pin.protocolId, standing)
    const block = await settlePin(deps, settlement, { pin, standing, held: walk.held })
    if (!block) continue
    if (standing.kind !== 'outsider') return { kind: 'blocked', block: alsoAfter(block, walk.held) }
    walk.held ??= block
  }
  return undefined
}

/** What either waits for is worth another look. */
const alsoAfter = (block: Block, { after = [] }: Partial<Block> = {}): Block =>
  after.length === 0 ? block : { ...block, after: [...(block.after ?? []), ...after] }

async function openPins(
  { namespace }: BroadcastDeps,
  { tx }: Settlement,
  context: string,
  { after, before, limit }: { after: number; before?: number; limit: number },
): Promise<PinRow[]> {
  return await tx.db
    .selectFrom('pins')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('dispatched', '=', sql.lit(0))
    .where('hash', '=', context)
    .where('masked', '=', 0)
    .where('seq', '>', after)
    .$if(before !== undefined, (query) => query.where('seq', '<', before ?? 0))
    .orderBy('seq')
    .limit(limit)
    .execute()
}

interface Candidate {
  readonly pin: PinRow
  readonly standing: Standing
  /** What an earlier outsider waits for. */
  readonly held: Block | undefined
}

/** Settles one pin, or says what it waits for. */
async function settlePin(
  deps: BroadcastDeps,
  settlement: Settlement,
  { pin, standing, held }: Candidate,
): Promise<Block | undefined> {
  settlement.looksAt = pin
  const batch = await deps.batches.load(settlement.tx, pin)
  if (
    batch === 'missing' &&
    standing.kind !== 'member' &&
    (await isAbsent(deps, settlement, pin))
  ) {
    settlement.setAside(pin.seq)
    return undefined
  }
  if (held && standing.kind !== 'member')
    return standing.kind === 'outsider' ? held : unknownSigner(pin, standing.by)
  if (batch === 'missing') {
    return {
      kind: 'missing_payload',
      pin,
      ...holderOf(deps, pin),
      detail: `no copy of batch ${pin.batch} has arrived from shared storage (${pin.payloadRef})`,
    }
  }
  const located = batch === 'void' ? undefined : locate(batch, pin.idx)
  // A copy of another's pin, a second pin of a decided message, or a batch that nobody can read: its place is used up, and that is all.
  if (
    batch === 'void' ||
    !located ||
    batch.payload.key !== pin.signer ||
    settlement.isFinal(located.slot) ||
    located.message.header.group !== undefined ||
    (await isInvoked(settlement, pin, located.message))
  ) {
    settlement.settlePin(pin.seq)
    return undefined
  }
  return await settleMessage(deps, settlement, { pin, standing, batch, located })
}

/** On a process's topic nobody speaks for a member but the member: another contract, which it called, may not pin for it. */
const isInvoked = async (
  settlement: Settlement,
  pin: PinRow,
  { header }: BatchMessage,
): Promise<boolean> =>
  header.topics.some(isProcessTopic) && (await settlement.chainEvents.read(pin)).invoked

interface Turn {
  readonly pin: PinRow
  readonly standing: Standing
  readonly batch: LoadedBatch
  readonly located: Located
}

async function settleMessage(
  deps: BroadcastDeps,
  settlement: Settlement,
  turn: Turn,
): Promise<Block | undefined> {
  const { pin, batch, located } = turn
  const pins = await pinsOfMessage(deps, settlement, turn)
  const refusal = await refuse(deps, settlement, turn, pins)
  if (refusal && 'kind' in refusal) return refusal
  const other = refusal ? undefined : await heldBackElsewhere(deps, settlement, turn, pins)
  if (other) return other
  const verdict = refusal
    ? ({ kind: 'rejected', reason: refusal.message } as const)
    : await judge(deps, settlement, pin, batch, located)
  if (verdict.kind === 'wait') return verdict.block
  for (const { seq, hash } of pins) {
    settlement.settlePin(seq)
    if (hash !== pin.hash) deps.touch(hash)
  }
  settlement.decide(
    batch,
    located,
    verdict,
    verdict.kind === 'confirmed' ? verdict.correlator : undefined,
  )
  return undefined
}

/** All pins of a message, one a topic, from the same chain event. */
async function pinsOfMessage(
  { namespace }: BroadcastDeps,
  { tx }: Settlement,
  { pin, located }: Turn,
): Promise<Pick<PinRow, 'seq' | 'hash' | 'idx'>[]> {
  const { first, message } = located
  if (message.header.topics.length === 1) return [pin]
  return await tx.db
    .selectFrom('pins')
    .select(['seq', 'hash', 'idx'])
    .where('namespace', '=', namespace)
    .where('protocolId', '=', pin.protocolId)
    .where('idx', '>=', first)
    .where('idx', '<', first + message.header.topics.length)
    .orderBy('idx')
    .execute()
}

/** What is wrong with a message whatever it says: who pinned it, and under which topics. */
async function refuse(
  deps: BroadcastDeps,
  settlement: Settlement,
  { pin, standing, located }: Turn,
  pins: readonly Pick<PinRow, 'hash'>[],
): Promise<NodeError | Block | undefined> {
  const { header } = located.message
  const expected = broadcastPinsOf(located.message)
  if (pins.length !== expected.length || pins.some(({ hash }, i) => hash !== expected[i]))
    return new NodeError('CC20701', { reason: 'its pins are not those of its topics' })
  if (header.type === 'definition' && header.tag === 'ff_identity_claim') return undefined
  const by =
    standing.kind === 'undetermined'
      ? standing.by
      : standing.kind === 'outsider' &&
        (await findDoubtful(deps.namespace, settlement, pin, { signer: pin.signer }))
  if (typeof by === 'number')
    return { ...unknownSigner(pin, by), message: header.id, author: header.author }
  if (standing.kind === 'outsider') return new NodeError('FF10356', { key: pin.signer })
  const owner = deps.directory.byVerifier(deps.verifierType, pin.signer)?.row.did ?? ''
  return owner === header.author
    ? undefined
    : new NodeError('FF10453', {
        signer: pin.signer,
        owner,
        message: header.id,
        author: header.author,
      })
}

const unknownSigner = (pin: PinRow, by: number): Block => ({
  kind: 'unknown_author',
  pin,
  detail: `key ${pin.signer} may be registered by an earlier message that is not decided yet`,
  after: [by],
})

/** A message with several topics waits until it is first on each. */
async function heldBackElsewhere(
  deps: BroadcastDeps,
  settlement: Settlement,
  { pin, standing, located }: Turn,
  pins: readonly Pick<PinRow, 'seq' | 'hash'>[],
): Promise<Block | undefined> {
  const own = new Set(pins.map(({ seq }) => seq))
  for (const { seq, hash } of pins) {
    if (hash === pin.hash) continue
    for (const earlier of await openPins(deps, settlement, hash, {
      after: 0,
      before: seq,
      limit: PAGE,
    })) {
      if (!settlement.isOpen(earlier) || own.has(earlier.seq)) continue
      const holds =
        standing.kind !== 'member' ||
        (await standingOf(deps, settlement, earlier)).kind !== 'outsider'
      if (!holds) continue
      deps.touch(hash)
      return {
        kind: 'out_of_order',
        pin,
        message: located.message.header.id,
        author: located.message.header.author,
        detail: `an earlier message on another of its topics is not decided yet (pin ${earlier.seq})`,
        after: [earlier.seq],
      }
    }
  }
  return undefined
}

const holderOf = (
  { directory, verifierType }: BroadcastDeps,
  pin: PinRow,
): { holder?: string; author?: string } => {
  const did = directory.byVerifier(verifierType, pin.signer)?.row.did
  return did === undefined ? {} : { holder: did, author: did }
}
