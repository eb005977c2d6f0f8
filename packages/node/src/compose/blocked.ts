import { type BlockedTopic, formatTime, trimTime } from '@concordat/protocol'
import { sql } from 'kysely'
import type { Blocked } from '../aggregator/aggregator.ts'
import type { Stuck } from '../batch/dispatcher.ts'
import { operationTypes } from '../batch/plan.ts'
import type { Silence } from '../chain/chain.ts'
import type { Database } from '../store/database.ts'
import type { PausedSubscription } from '../subscribers/durable.ts'
import { blockedProcesses } from './blocked-processes.ts'
import type { Undecided } from './reading.ts'

/** What is known, in memory, to stand still. */
export interface Standing {
  readonly contexts: readonly Blocked[]
  readonly batches: readonly Stuck[]
  readonly subscriptions: readonly PausedSubscription[]
  /** If the chain does not answer. */
  readonly silence?: Silence | undefined
  /** If the end of a contract waits to be judged. */
  readonly undecided?: Undecided | undefined
}

/** Everything that stands still, with what blocks it and what may safely be done about it. */
export async function toBlockedTopics(
  namespace: string,
  { contexts, batches, subscriptions, silence, undecided }: Standing,
  database: Database,
): Promise<BlockedTopic[]> {
  const topics = await Promise.all([
    ...contexts.map((each) => toBlockedTopic(namespace, each, database)),
    ...batches.map((each) => toStuckBatch(namespace, each, database)),
  ])
  return [
    ...(silence ? [toSilentChain(silence, batches)] : []),
    ...(undecided ? [toUndecided(undecided)] : []),
    ...topics,
    ...(await failedPins(namespace, database)),
    ...(await unknownGroups(namespace, database)),
    ...(await blockedProcesses(namespace, database)),
    ...subscriptions.map(
      ({ subscription, name, since, reason }): BlockedTopic => ({
        topic: name,
        context: subscription,
        since,
        waiting: 0,
        blockedBy: { kind: 'paused_subscription', subscription, detail: reason },
        actions: ['skip', 'resume'],
      }),
    ),
  ]
}

/** Nothing that comes after it is read. */
const toUndecided = ({ event, since }: Undecided): BlockedTopic => ({
  topic: '',
  context: event.contract,
  since: trimTime(formatTime(since)),
  waiting: 0,
  blockedBy: {
    kind: 'unregistered_signer',
    signer: event.signer,
    detail: `whether ${event.action} at ${event.protocolId} ends the contract is open until it is known whose key made it: an earlier pin may have registered it. A newcomer is told by a member's status, and writes it into contract[].finalEvent`,
  },
  actions: [],
})

/** Nothing of anyone's gets on until it answers. */
const toSilentChain = ({ since, reason }: Silence, batches: readonly Stuck[]): BlockedTopic => ({
  topic: '',
  context: 'chain',
  since: trimTime(formatTime(since)),
  waiting: batches.length,
  blockedBy: { kind: 'silent_chain', detail: `the chain does not answer: ${reason}` },
  actions: [],
})

/** One of ours that does not get to the chain. As long as nothing was signed for it, it may be taken back. */
async function toStuckBatch(
  namespace: string,
  { batch, since, reason }: Stuck,
  database: Database,
): Promise<BlockedTopic> {
  const operation = await database.read
    .selectFrom('operations')
    .select('id')
    .where('namespace', '=', namespace)
    .where('tx', '=', batch.txId)
    .where('type', '=', operationTypes.pin)
    .where('retry', 'is', null)
    .executeTakeFirst()
  const { topics, count } = await messagesOf(namespace, batch.id, database)
  return {
    topic: topics,
    context: batch.id,
    ...(batch.groupHash !== null && { group: batch.groupHash }),
    since: trimTime(formatTime(since)),
    waiting: count,
    blockedBy: {
      kind: 'failed_operation',
      batch: batch.id,
      author: batch.author,
      signer: batch.key,
      ...(operation && { operation: operation.id }),
      detail: `it can't be handed to the chain, and is tried again: ${reason}`,
    },
    actions: ['cancel_batch'],
  }
}

/** Pins of ours that the chain refused for good. */
async function failedPins(namespace: string, database: Database): Promise<BlockedTopic[]> {
  const rows = await database.read
    .selectFrom('operations')
    .innerJoin('batches', (join) =>
      join
        .onRef('batches.txId', '=', 'operations.tx')
        .onRef('batches.namespace', '=', 'operations.namespace'),
    )
    .select(['operations.id', 'error', 'updated', 'batches.id as batch', 'author', 'key'])
    .where('operations.namespace', '=', namespace)
    .where('status', '=', sql.lit('Failed'))
    .where('operations.type', '=', operationTypes.pin)
    .where('retry', 'is', null)
    .where('batches.state', '=', 'sent')
    .execute()
  const topics: BlockedTopic[] = []
  for (const { id, error, updated, batch, author, key } of rows) {
    const { topics: topic, count } = await messagesOf(namespace, batch, database)
    if (count === 0) continue
    topics.push({
      topic,
      context: batch,
      since: trimTime(updated),
      waiting: count,
      blockedBy: {
        kind: 'failed_operation',
        batch,
        author,
        signer: key,
        operation: id,
        detail: `its pin failed: ${error ?? 'no reason was given'}`,
      },
      actions: ['retry_operation'],
    })
  }
  return topics
}

/** Messages of groups that were never announced to us: the batch with the announcement has not come. */
async function unknownGroups(namespace: string, database: Database): Promise<BlockedTopic[]> {
  const rows = await database.read
    .selectFrom('messages')
    .leftJoin('groups', (join) =>
      join
        .onRef('groups.hash', '=', 'messages.groupHash')
        .onRef('groups.namespace', '=', 'messages.namespace'),
    )
    .select(({ fn }) => [
      'groupHash',
      fn.countAll<number>().as('count'),
      fn.min('messages.created').as('since'),
      fn.min('author').as('author'),
      fn.min('batch').as('batch'),
      fn.min('topics').as('topic'),
    ])
    .where('messages.namespace', '=', namespace)
    .where('state', '=', sql.lit('pending'))
    .where('groupHash', 'is not', null)
    .where('groups.seq', 'is', null)
    .groupBy('groupHash')
    .execute()
  return rows.map(({ groupHash, count, since, author, batch, topic }) => ({
    topic,
    context: groupHash ?? '',
    group: groupHash ?? '',
    since: trimTime(since),
    waiting: Number(count),
    blockedBy: {
      kind: 'missing_group',
      ...(batch !== null && { batch }),
      author,
      holder: author,
      detail: `the group has not been announced here; ${author} sends the batch that does until it arrives`,
    },
    actions: [],
  }))
}

/** Those of a batch that are not decided. */
async function messagesOf(
  namespace: string,
  batch: string,
  database: Database,
): Promise<{ topics: string; count: number }> {
  const rows = await database.read
    .selectFrom('messages')
    .select('topics')
    .where('namespace', '=', namespace)
    .where('batch', '=', batch)
    .where('state', '=', 'sent')
    .orderBy('seq')
    .execute()
  return { topics: rows[0]?.topics ?? '', count: rows.length }
}

async function toBlockedTopic(
  namespace: string,
  { context, kind, since, block }: Blocked,
  database: Database,
): Promise<BlockedTopic> {
  const { pin } = block
  const next =
    kind === 'private'
      ? await database.read
          .selectFrom('nextpins')
          .select(['topic', 'groupHash'])
          .where('namespace', '=', namespace)
          .where('context', '=', context)
          .executeTakeFirst()
      : undefined
  const message = await database.read
    .selectFrom('messages')
    .select(['id', 'topics'])
    .where('namespace', '=', namespace)
    .where('batch', '=', pin.batch)
    .orderBy('seq')
    .limit(1)
    .executeTakeFirst()
  return {
    topic: next?.topic ?? message?.topics ?? '',
    context,
    ...(next && { group: next.groupHash }),
    since: trimTime(formatTime(since)),
    waiting: await countWaiting(namespace, { context, kind, since, block }, database, next),
    blockedBy: {
      kind: block.kind,
      batch: pin.batch,
      ...(block.message !== undefined && { message: block.message }),
      pin: { sequence: pin.seq, protocolId: pin.protocolId },
      ...(block.author !== undefined && { author: block.author }),
      signer: pin.signer,
      ...(block.holder !== undefined && { holder: block.holder }),
      detail: block.detail,
    },
    actions: canBeAskedFor(kind, block) ? ['request_payload', 'rewind'] : ['rewind'],
  }
}

/** A private blob comes from its sender alone, who goes on trying by itself. */
const canBeAskedFor = (context: Blocked['kind'], { kind }: Blocked['block']): boolean =>
  kind === 'missing_payload' || (kind === 'missing_blob' && context === 'broadcast')

async function countWaiting(
  namespace: string,
  { context, kind, block }: Blocked,
  database: Database,
  next: { topic: string; groupHash: string } | undefined,
): Promise<number> {
  if (kind === 'broadcast') {
    const row = await database.read
      .selectFrom('pins')
      .select(({ fn }) => fn.countAll<number>().as('n'))
      .where('namespace', '=', namespace)
      .where('hash', '=', context)
      .where('dispatched', '=', sql.lit(0))
      .where('seq', '>', block.pin.seq)
      .executeTakeFirst()
    return Number(row?.n ?? 0)
  }
  const row = await database.read
    .selectFrom('messages')
    .select(({ fn }) => fn.countAll<number>().as('n'))
    .where('namespace', '=', namespace)
    .where('groupHash', '=', next?.groupHash ?? '')
    .where('topics', '=', next?.topic ?? '')
    .where('state', 'in', ['sent', 'pending'])
    .executeTakeFirst()
  return Number(row?.n ?? 0)
}
