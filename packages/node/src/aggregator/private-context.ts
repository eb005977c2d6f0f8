import { maskedPin, privateContext } from '@concordat/protocol'
import { sql } from 'kysely'
import type { NextPinRow, PinRow } from '../store/schema.ts'
import type { Block } from './block.ts'
import type { BroadcastDeps, ContextState } from './broadcast-context.ts'
import { judge } from './judge.ts'
import { type LoadedBatch, type Located, locate } from './loaded-batch.ts'
import type { Settlement } from './settlement.ts'
import { mayBeClaimedBefore } from './standing.ts'

export type PrivateDeps = Omit<BroadcastDeps, 'isAbsent'>

/** Pins found for the hashes that may come next, so that each need not be looked up alone. */
interface Window {
  readonly pins: Map<string, PinRow[]>
  /** Per member row: the nonce from which nothing has been looked up yet. */
  readonly until: Map<number, number>
}

const AHEAD = 64

/** The pin whose turn it is on a private context, and the member it belongs to. */
interface Event {
  readonly pin: PinRow
  readonly member: NextPinRow
}

type Turn =
  | { readonly kind: 'none' }
  | { readonly kind: 'event'; readonly event: Event }
  | { readonly kind: 'blocked'; readonly block: Block }

/**
 * Settles a private context strictly in chain order: the next event is the earliest pin that is the next of any member, by
 * that member's own key. It is recognised without its payload, and everything behind it waits until its payload is here.
 */
export async function settlePrivate(
  deps: PrivateDeps,
  settlement: Settlement,
  context: string,
): Promise<ContextState> {
  const members = await loadMembers(deps, settlement, context)
  const window: Window = { pins: new Map(), until: new Map() }
  for (;;) {
    if (settlement.size >= deps.maxDecisions) return { kind: 'more' }
    const turn = await nextEvent(deps, settlement, members, window)
    if (turn.kind === 'none') return { kind: 'idle' }
    const block =
      turn.kind === 'blocked' ? turn.block : await settleEvent(deps, settlement, turn.event)
    if (block) return { kind: 'blocked', block }
  }
}

const loadMembers = async (
  { namespace }: PrivateDeps,
  { tx }: Settlement,
  context: string,
): Promise<NextPinRow[]> =>
  await tx.db
    .selectFrom('nextpins')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('context', '=', context)
    .orderBy('seq')
    .execute()

async function nextEvent(
  deps: PrivateDeps,
  settlement: Settlement,
  members: readonly NextPinRow[],
  window: Window,
): Promise<Turn> {
  await lookAhead(deps, settlement, members, window)
  let first: Event | undefined
  for (const member of members) {
    const candidates = window.pins.get(settlement.next(member).hash) ?? []
    for (const pin of candidates) {
      if (!settlement.isOpen(pin) || (first && first.pin.seq < pin.seq)) continue
      const known = deps.directory.byDid(member.identity)
      if (
        known?.verifier.type === deps.verifierType &&
        known.verifier.value === pin.signer &&
        known.verifier.position < pin.seq
      ) {
        first = { pin, member }
        break
      }
      if (!known && (await mayBeClaimedBefore(deps, settlement, member.identity, pin.seq))) {
        return {
          kind: 'blocked',
          block: {
            kind: 'unknown_author',
            pin,
            author: member.identity,
            detail: `${member.identity} is not registered here yet; an earlier message may register it`,
          },
        }
      }
    }
  }
  return first ? { kind: 'event', event: first } : { kind: 'none' }
}

/** Looks up the next hashes of each member that has come to the end of its window. */
async function lookAhead(
  { namespace }: PrivateDeps,
  settlement: Settlement,
  members: readonly NextPinRow[],
  window: Window,
): Promise<void> {
  const hashes: string[] = []
  for (const member of members) {
    const { nonce } = settlement.next(member)
    const until = window.until.get(member.seq)
    if (until !== undefined && nonce < until) continue
    // Nothing found at the last nonce looked up: there is no more behind it.
    const size = until === undefined ? 1 : AHEAD
    for (let ahead = nonce; ahead < nonce + size; ahead++)
      hashes.push(maskedPin(member.topic, member.groupHash, member.identity, ahead))
    window.until.set(member.seq, nonce + size)
  }
  if (hashes.length === 0) return
  const rows = await settlement.tx.db
    .selectFrom('pins')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('dispatched', '=', sql.lit(0))
    .where('hash', 'in', hashes)
    .orderBy('seq')
    .execute()
  for (const row of rows) {
    const found = window.pins.get(row.hash)
    if (found) found.push(row)
    else window.pins.set(row.hash, [row])
  }
}

async function settleEvent(
  deps: PrivateDeps,
  settlement: Settlement,
  event: Event,
): Promise<Block | undefined> {
  const { pin, member } = event
  const batch = await deps.batches.load(settlement.tx, pin)
  if (batch === 'missing') {
    return {
      kind: 'missing_payload',
      pin,
      author: member.identity,
      holder: member.identity,
      detail: `batch ${pin.batch} of ${member.identity} has not arrived`,
    }
  }
  const located = batch === 'void' ? undefined : locate(batch, pin.idx)
  if (batch === 'void' || !located || !isOf(event, batch, located)) {
    settlement.settlePin(pin.seq)
    settlement.consume(member)
    return undefined
  }
  return await settleMessage(deps, settlement, event, { batch, located })
}

/** Whether the payload says what the pin said: this member, this group, this topic. */
const isOf = (
  { pin, member }: Event,
  { payload }: LoadedBatch,
  { message, slot, topic }: Located,
): boolean =>
  !slot.final &&
  payload.author === member.identity &&
  payload.key === pin.signer &&
  (message.header.type === 'private' || message.header.type === 'groupinit') &&
  message.header.group === member.groupHash &&
  message.header.topics[topic] === member.topic

interface At {
  readonly batch: LoadedBatch
  readonly located: Located
}

async function settleMessage(
  deps: PrivateDeps,
  settlement: Settlement,
  event: Event,
  { batch, located }: At,
): Promise<Block | undefined> {
  const { pin } = event
  const turns = await turnsOf(deps, settlement, event, located)
  if (!Array.isArray(turns)) return turns
  const verdict =
    turns.length === located.message.header.topics.length
      ? await judge(deps, settlement, pin, batch, located)
      : ({ kind: 'rejected', reason: 'CC20701: its pins cross those of another message' } as const)
  if (verdict.kind === 'wait') return { ...verdict.block, holder: event.member.identity }
  for (const turn of turns) {
    settlement.settlePin(turn.pin.seq)
    settlement.consume(turn.member)
    if (turn.member.context !== event.member.context) deps.touch(turn.member.context)
  }
  settlement.decide(
    batch,
    located,
    verdict,
    verdict.kind === 'confirmed' ? verdict.correlator : undefined,
  )
  return undefined
}

/**
 * The turns that a message with several topics uses up, one a topic: all of them when it is next on each. When it waits on one
 * of them for a message that waits for it in turn, the earlier of the two gives way: only the turns it has are used up.
 */
async function turnsOf(
  deps: PrivateDeps,
  settlement: Settlement,
  event: Event,
  { message, first }: Located,
): Promise<Event[] | Block> {
  const turns = [event]
  for (const topic of message.header.topics) {
    if (topic === event.member.topic) continue
    const context = privateContext(topic, event.member.groupHash)
    const members = await loadMembers(deps, settlement, context)
    const other = await nextEvent(deps, settlement, members, { pins: new Map(), until: new Map() })
    const { idx, protocolId } =
      other.kind === 'event' ? other.event.pin : { idx: -1, protocolId: '' }
    if (
      other.kind === 'event' &&
      protocolId === event.pin.protocolId &&
      idx >= first &&
      idx < first + message.header.topics.length
    ) {
      turns.push(other.event)
      continue
    }
    if (other.kind === 'event' && (await waitsFor(deps, settlement, other.event, event))) {
      if (event.pin.seq < other.event.pin.seq) continue
    }
    deps.touch(context)
    return {
      kind: 'out_of_order',
      pin: event.pin,
      message: message.header.id,
      author: event.member.identity,
      detail: `an earlier message on topic '${topic}' is not decided yet`,
    }
  }
  return turns
}

/** Whether the message of `other` has a topic on which `event` is next: then each would wait for the other for ever. */
async function waitsFor(
  deps: PrivateDeps,
  settlement: Settlement,
  other: Event,
  event: Event,
): Promise<boolean> {
  const batch = await deps.batches.load(settlement.tx, other.pin)
  if (batch === 'missing' || batch === 'void') return false
  const located = locate(batch, other.pin.idx)
  return located?.message.header.topics.includes(event.member.topic) ?? false
}
