import {
  type BatchMessage,
  broadcastContext,
  identityTopic,
  maskedPin,
  privateContext,
} from '@concordat/protocol'
import { sql } from 'kysely'
import { prepared } from '../store/prepared.ts'
import type { NextPinRow, PinRow } from '../store/schema.ts'
import { findDoubtful } from './absence.ts'
import type { Block } from './block.ts'
import type { BroadcastDeps, ContextState } from './broadcast-context.ts'
import { judge } from './judge.ts'
import { type LoadedBatch, type Located, locate } from './loaded-batch.ts'
import { isProcessTopic, type VoidReason } from './settled-pin.ts'
import type { Outcome, Settlement } from './settlement.ts'
import { earlierOn } from './standing.ts'

export type PrivateDeps = BroadcastDeps

/** Pins found for the hashes that may come next, so that each need not be looked up alone. */
interface Window {
  readonly pins: Map<string, PinRow[]>
  /** Per member row: the nonce from which nothing has been looked up yet, and how many were at the last time. */
  readonly looked: Map<number, { readonly until: number; readonly size: number }>
}

/** Nonces looked up at a time: few on a context with one message, many on a busy one. */
const AHEAD = { first: 2, growth: 4, most: 64 }

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
  const window: Window = { pins: new Map(), looked: new Map() }
  for (;;) {
    if (settlement.size >= deps.maxDecisions) return { kind: 'more' }
    const turn = await nextEvent(deps, settlement, members, window)
    if (turn.kind === 'none') return { kind: 'idle' }
    const block =
      turn.kind === 'blocked' ? turn.block : await settleEvent(deps, settlement, turn.event)
    if (block) return { kind: 'blocked', block }
  }
}

const membersOn = prepared((db, given: { namespace: string; context: string }) =>
  db
    .selectFrom('nextpins')
    .selectAll()
    .where('namespace', '=', given.namespace)
    .where('context', '=', given.context)
    .orderBy('seq'),
)

const pinsWith = prepared((db, given: { namespace: string; hashes: readonly string[] }) =>
  db
    .selectFrom('pins')
    .selectAll()
    .where('namespace', '=', given.namespace)
    .where('dispatched', '=', sql.lit(0))
    .where('hash', 'in', given.hashes)
    .where('masked', '=', 1)
    .orderBy('seq'),
)

const loadMembers = (
  { namespace }: PrivateDeps,
  { tx }: Settlement,
  context: string,
): Promise<NextPinRow[]> => membersOn(tx.db, { namespace, context })

async function nextEvent(
  deps: PrivateDeps,
  settlement: Settlement,
  members: readonly NextPinRow[],
  window: Window,
): Promise<Turn> {
  await lookAhead(deps, settlement, members, window)
  let turn: Turn = { kind: 'none' }
  for (const member of members) {
    const pins = window.pins.get(settlement.next(member).hash) ?? []
    turn = (await earlierTurn(deps, settlement, { member, pins, than: turn })) ?? turn
  }
  return turn
}

const positionOf = (turn: Turn): number => {
  if (turn.kind === 'none') return Number.POSITIVE_INFINITY
  return turn.kind === 'event' ? turn.event.pin.seq : turn.block.pin.seq
}

/** A member's turn, or one that may turn out to be, when it comes before another. */
async function earlierTurn(
  deps: PrivateDeps,
  settlement: Settlement,
  { member, pins, than }: { member: NextPinRow; pins: readonly PinRow[]; than: Turn },
): Promise<Turn | undefined> {
  for (const pin of pins) {
    if (pin.seq > positionOf(than) || !settlement.isOpen(pin)) continue
    const event = { pin, member }
    const owned = await ownerOf(deps, settlement, event)
    if (owned === 'another') continue
    return owned === 'member' ? { kind: 'event', event } : { kind: 'blocked', block: owned }
  }
  return undefined
}

/** Whether a pin that is the next of a member was made by that member's key; or who may still turn out to own that key. */
async function ownerOf(
  deps: PrivateDeps,
  settlement: Settlement,
  event: Event,
): Promise<'member' | 'another' | Block> {
  const { pin, member } = event
  const known = deps.directory.byDid(member.identity)
  if (known && known.verifier.position < pin.seq) {
    const { type, value } = known.verifier
    const isOwn = type === deps.verifierType && value === pin.signer
    return isOwn && !(await isInvoked(settlement, event)) ? 'member' : 'another'
  }
  const hash = broadcastContext(identityTopic(member.identity))
  const by =
    (await earlierOn(deps, settlement, { hash, seq: pin.seq })) ??
    (await findDoubtful(deps.namespace, settlement, pin, { hash }))
  return by === undefined ? 'another' : unknownAuthor(pin, member, by)
}

/** On a process's topic nobody speaks for a member but the member: another contract, which it called, may not pin for it. */
const isInvoked = async (settlement: Settlement, { pin, member }: Event): Promise<boolean> =>
  isProcessTopic(member.topic) && (await settlement.chainEvents.read(pin)).invoked

const unknownAuthor = (pin: PinRow, { identity }: NextPinRow, by: number): Block => ({
  kind: 'unknown_author',
  pin,
  author: identity,
  detail: `${identity} is not registered here yet; an earlier message may register it`,
  after: [by],
})

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
    const looked = window.looked.get(member.seq)
    if (looked && nonce < looked.until) continue
    // Nothing found at the last nonce looked up: there is no more behind it.
    const size = looked ? Math.min(looked.size * AHEAD.growth, AHEAD.most) : AHEAD.first
    for (let ahead = nonce; ahead < nonce + size; ahead++)
      hashes.push(maskedPin(member.topic, member.groupHash, member.identity, ahead))
    window.looked.set(member.seq, { until: nonce + size, size })
  }
  if (hashes.length === 0) return
  for (const row of await pinsWith(settlement.tx.db, { namespace, hashes })) {
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
  settlement.looksAt = pin
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
  const found = findMessage(settlement, event, batch)
  if (typeof found !== 'string') return await settleMessage(deps, settlement, event, found)
  settlement.takeTurn(event, found)
  return undefined
}

/** The message that a member's pin stands for, or why there is none to decide. */
function findMessage(
  settlement: Settlement,
  event: Event,
  batch: LoadedBatch | 'void',
): At | VoidReason {
  if (batch === 'void') return 'UNREADABLE'
  const located = locate(batch, event.pin.idx)
  if (!located) return 'NO_MESSAGE'
  if (!isOf(event, batch, located)) return 'MISMATCH'
  if (isMalformed(located.message)) {
    if (!settlement.isFinal(located.slot)) settlement.decide(batch, located, MALFORMED)
    return 'MALFORMED'
  }
  return settlement.isFinal(located.slot) ? 'REPEATED' : { batch, located }
}

/** A process counts its steps by its own topic alone: what would wait for another topic has no place there. */
const isMalformed = ({ header: { topics } }: BatchMessage): boolean =>
  topics.length > 1 && topics.some(isProcessTopic)

const MALFORMED: Outcome = {
  kind: 'rejected',
  reason: 'CC20701: a message on the topic of a process has no other topic',
}

/**
 * Whether the payload says what the pin said: this member, this group, this topic. What is unpinned by its own word was
 * confirmed as it came, where it came.
 */
const isOf = (
  { pin, member }: Event,
  { payload }: LoadedBatch,
  { message, topic }: Located,
): boolean =>
  payload.author === member.identity &&
  payload.key === pin.signer &&
  (message.header.type === 'private' || message.header.type === 'groupinit') &&
  message.header.txtype !== 'unpinned' &&
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
  const topics = located.message.header.topics.length
  const turns = topics === 1 ? [event] : await turnsOf(deps, settlement, event, located)
  if (!Array.isArray(turns)) return turns
  const verdict =
    turns.length === topics
      ? await judge(deps, settlement, pin, batch, located)
      : ({
          kind: 'rejected',
          reason:
            'CC20701: its pins are not those of its topics, or cross those of another message',
        } as const)
  if (verdict.kind === 'wait') return { ...verdict.block, holder: event.member.identity }
  for (const turn of turns) {
    settlement.takeTurn(turn, { batch, located })
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
 * The turns that a message with several topics uses up, one a topic: all of them when it is next on each. When it waits for a
 * message that waits for it in turn (which takes nonces swapped on purpose), the earliest of the circle gives way: only the
 * turns it has are used up.
 */
async function turnsOf(
  deps: PrivateDeps,
  settlement: Settlement,
  event: Event,
  located: Located,
): Promise<Event[] | Block> {
  const turns = [event]
  if (!(await isPinnedWhole(deps, settlement, event, located))) return turns
  const message = { event, located }
  for (const topic of located.message.header.topics) {
    if (topic === event.member.topic) continue
    const other = await nextOn(deps, settlement, topic, event.member.groupHash)
    if (other.kind === 'event' && isPinOf(message, other.event)) {
      turns.push(other.event)
      continue
    }
    if (other.kind === 'event' && (await givesWay(deps, settlement, message, other.event))) continue
    deps.touch(privateContext(topic, event.member.groupHash))
    return {
      kind: 'out_of_order',
      pin: event.pin,
      message: located.message.header.id,
      author: event.member.identity,
      detail: `an earlier message on topic '${topic}' is not decided yet`,
      ...(other.kind === 'event' && { after: [other.event.pin.seq] }),
      ...(other.kind === 'blocked' && other.block.after && { after: other.block.after }),
    }
  }
  return turns
}

async function nextOn(
  deps: PrivateDeps,
  settlement: Settlement,
  topic: string,
  groupHash: string,
): Promise<Turn> {
  const members = await loadMembers(deps, settlement, privateContext(topic, groupHash))
  return await nextEvent(deps, settlement, members, { pins: new Map(), looked: new Map() })
}

interface Whole {
  readonly event: Event
  readonly located: Located
}

const isPinOf = ({ event, located: { first, message } }: Whole, { pin }: Event): boolean =>
  pin.protocolId === event.pin.protocolId &&
  pin.idx >= first &&
  pin.idx < first + message.header.topics.length

/** Whether the chain has a pin for each of its topics. */
async function isPinnedWhole(
  { namespace }: PrivateDeps,
  { tx }: Settlement,
  { pin }: Event,
  { first, message }: Located,
): Promise<boolean> {
  const { length } = message.header.topics
  const last = await tx.db
    .selectFrom('pins')
    .select('seq')
    .where('namespace', '=', namespace)
    .where('protocolId', '=', pin.protocolId)
    .where('idx', '=', first + length - 1)
    .executeTakeFirst()
  return last !== undefined
}

/** Whether a message is the earliest of a circle of messages of which each waits for the next, the first of them being `other`. */
async function givesWay(
  deps: PrivateDeps,
  settlement: Settlement,
  whole: Whole,
  other: Event,
  seen: ReadonlySet<number> = new Set(),
): Promise<boolean> {
  if (other.pin.seq < whole.event.pin.seq || seen.has(other.pin.seq)) return false
  const located = await waiting(deps, settlement, other)
  if (!located) return false
  for (const topic of located.message.header.topics) {
    if (topic === other.member.topic) continue
    const next = await nextOn(deps, settlement, topic, other.member.groupHash)
    if (next.kind !== 'event' || isPinOf({ event: other, located }, next.event)) continue
    if (isPinOf(whole, next.event)) return true
    const further = new Set([...seen, other.pin.seq])
    if (await givesWay(deps, settlement, whole, next.event, further)) return true
  }
  return false
}

/** The message of an event, if it is one that waits for its turn on its other topics. */
async function waiting(
  deps: PrivateDeps,
  settlement: Settlement,
  event: Event,
): Promise<Located | undefined> {
  const batch = await deps.batches.load(settlement.tx, event.pin)
  if (batch === 'missing' || batch === 'void') return undefined
  const located = locate(batch, event.pin.idx)
  if (!located || settlement.isFinal(located.slot) || !isOf(event, batch, located)) return undefined
  if (isMalformed(located.message)) return undefined
  return (await isPinnedWhole(deps, settlement, event, located)) ? located : undefined
}
