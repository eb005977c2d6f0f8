import {
  type BatchPayload,
  formatTime,
  type Group,
  hashGroup,
  hashManifest,
  manifestOf,
  NodeError,
  padTime,
  parseTransportWrapper,
  privateContext,
  type TransportWrapper,
  verifyBatch,
} from '@concordat/protocol'
import { sql } from 'kysely'
import type { EventLog } from '../events/log.ts'
import type { Verdict } from '../exchange/exchange.ts'
import type { Directory } from '../identity/directory.ts'
import type { Logger } from '../lib/logger.ts'
import type { World } from '../lib/world.ts'
import type { Database, Transaction } from '../store/database.ts'
import type { Aggregator } from './aggregator.ts'
import { type Contexts, membersOf, readGroup } from './contexts.ts'
import { type BatchCache, loadSlots, toLoadedBatch, WIRE_LIMITS } from './loaded-batch.ts'
import { persistBatch } from './persist.ts'

export interface ReceiverDeps {
  readonly namespace: string
  readonly networkName: string
  readonly world: World
  readonly log: Logger
  readonly database: Database
  readonly events: EventLog
  readonly directory: Directory
  readonly contexts: Contexts
  readonly batches: BatchCache
  readonly aggregator: Pick<Aggregator, 'touch'>
  /** Our node's identity, once registered. */
  readonly nodeId: () => string | undefined
  readonly keepPayload: (tx: Transaction, hash: string, content: Uint8Array) => Promise<void>
}

/** Reads what a member sent; undefined: not a batch at all. */
export function readWrapper(content: Uint8Array): TransportWrapper | undefined {
  try {
    return parseTransportWrapper(content, WIRE_LIMITS)
  } catch (error) {
    if (error instanceof NodeError) return undefined
    throw error
  }
}

/** Takes in private batches as they come from their senders; a batch is durable before its sender hears that it was accepted. */
export function createReceiver(deps: ReceiverDeps) {
  const { namespace, directory, database } = deps
  return {
    /** `sender` is proven by its certificate. */
    async receive(
      sender: string,
      wrapper: TransportWrapper,
      content: Uint8Array,
    ): Promise<Verdict> {
      const refusal = refuse(directory, sender, wrapper)
      if (refusal) {
        deps.log.warn(
          { sender, batch: wrapper.batch.id, reason: refusal.reason },
          `private batch ${refusal.verdict}`,
        )
        return refusal.verdict
      }
      await database.transaction((tx) => write(deps, tx, wrapper, content))
      return 'accepted'
    },

    /** Whether one of the caller's nodes (`peerId/nodeName`) is in the batch's group. */
    async mayHave(nodes: readonly string[], groupHash: string): Promise<boolean> {
      const row = await database.read
        .selectFrom('groups')
        .selectAll()
        .where('namespace', '=', namespace)
        .where('hash', '=', groupHash)
        .executeTakeFirst()
      if (!row) return false
      return membersOf(row).some(({ identity, node }) =>
        nodes.includes(directory.nodeFor(identity, node)?.verifier.value ?? ''),
      )
    },
  }
}

export type Receiver = ReturnType<typeof createReceiver>

interface Refusal {
  readonly verdict: Verdict
  readonly reason: string
}

const refused = (reason: string): Refusal => ({ verdict: 'refused', reason })
const later = (reason: string): Refusal => ({ verdict: 'later', reason })

/** Why a batch is not taken: for good, or for now. */
function refuse(
  directory: Directory,
  sender: string,
  wrapper: TransportWrapper,
): Refusal | undefined {
  const { batch } = wrapper
  const node = directory.byVerifier('dx_peer_id', sender)
  if (!node) return later('its sender is not registered yet')
  const author = directory.byDid(batch.author)
  if (!author) return later('its author is not registered yet')
  const owner = node.row.parent === null ? undefined : directory.byId(node.row.parent)
  if (
    batch.node !== node.row.id ||
    !owner ||
    !directory.isSelfOrAncestor(owner.row.did, author.row.id)
  )
    return refused('its sender does not act for its author')
  const fault = faultOf(wrapper, node.row.id)
  return fault === undefined ? undefined : refused(fault)
}

/** What is wrong with a private batch by itself, coming from `node`. */
function faultOf({ batch, group }: TransportWrapper, node: string): string | undefined {
  if (batch.type !== 'private' || batch.group === undefined) return 'it is not private'
  if (batch.payload.messages.some(({ header }) => header.group !== batch.group))
    return 'a message is for another group'
  if (group && (group.hash !== batch.group || !isGroupOf(group, node)))
    return 'its group is another'
  // The manifest is what fixes the batch's id: every member must be sent the same.
  if (hashManifest(manifestOf(batch)) !== batch.hash) return 'its hash is not that of its manifest'
  return verifyBatch(batch)
}

const isGroupOf = (group: Group, node: string): boolean =>
  hashGroup(group) === group.hash && group.members.some((member) => member.node === node)

async function write(
  deps: ReceiverDeps,
  tx: Transaction,
  { batch, group }: TransportWrapper,
  content: Uint8Array,
): Promise<void> {
  const { namespace } = deps
  const received = padTime(formatTime(deps.world.now()))
  const groupHash = batch.group ?? ''
  const touched = group ? await deps.contexts.learn(tx, group, null, received) : []
  for (const { hash, message, text } of announcements(batch)) {
    const announced = readGroup(text, hash)
    if (announced) touched.push(...(await deps.contexts.learn(tx, announced, message, received)))
  }
  await persistBatch(tx, {
    namespace,
    batch,
    payloadRef: '',
    manifest: manifestOf(batch),
    received,
  })
  await deps.keepPayload(tx, batch.hash, content)
  const topics = batch.payload.messages.flatMap(({ header }) => header.topics)
  if (batch.payload.tx.type === 'unpinned') {
    await confirmUnpinned(deps, tx, batch, received)
    // If its author pinned it all the same, its place is waited for.
    touched.push(...new Set(topics.map((topic) => privateContext(topic, groupHash))))
  } else {
    touched.push(...(await deps.contexts.follow(tx, groupHash, topics)))
    const slots = await loadSlots(tx, namespace, batch)
    const ref = { batch: batch.id, batchHash: batch.hash, payloadRef: '' }
    tx.onCommit(() => deps.batches.put(ref, toLoadedBatch(batch, slots)))
  }
  tx.onCommit(() => {
    for (const context of touched) deps.aggregator.touch('private', context)
  })
}

/** The groups that a batch announces. */
function announcements({
  payload: { messages, data },
}: BatchPayload): { hash: string; message: string; text: string }[] {
  return messages.flatMap(({ header, data: refs }) => {
    if (header.type !== 'groupinit' || header.group === undefined) return []
    const text = data.find(({ id }) => id === refs[0]?.id)?.value?.text
    return text === undefined ? [] : [{ hash: header.group, message: header.id, text }]
  })
}

/** No pin will come: the batch is final as it arrives, once. */
async function confirmUnpinned(
  { namespace, events }: ReceiverDeps,
  tx: Transaction,
  batch: BatchPayload,
  confirmed: string,
): Promise<void> {
  const pending = await tx.db
    .selectFrom('messages')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('batch', '=', batch.id)
    .where('state', '=', sql.lit('pending'))
    .where('txtype', '=', 'unpinned')
    .orderBy('seq')
    .execute()
  if (pending.length === 0) return
  await tx.db
    .updateTable('messages')
    .set({ state: 'confirmed', confirmed })
    .where(
      'seq',
      'in',
      pending.map(({ seq }) => seq),
    )
    .execute()
  await events.append(
    tx,
    pending.flatMap((row) =>
      row.topics.split(',').map((topic) => ({
        type: 'message_confirmed',
        reference: row.id,
        correlator: row.cid,
        tx: row.tx,
        topic,
      })),
    ),
  )
}
