import { type MessageInput, NodeError } from '@concordat/protocol'
import { canonicalJson } from '@concordat/protocol/process'
import type { MessageCommands, Wait } from '../../namespace.ts'
import type { Database } from '../../store/database.ts'
import { messageValue } from '../message-value.ts'
import type { EffectOutcome, EffectPerformer, EffectTask } from './effects.ts'

export interface MessagePerformerDeps {
  readonly namespace: string
  readonly database: Database
  readonly messages: Pick<MessageCommands, 'sendPrivate' | 'broadcast'>
}

const NO_WAIT: Wait = { confirm: false, timeoutMs: 0, signal: AbortSignal.abort() }
/** What a definition may not make a party say: nodes act on such messages. */
const RESERVED = /^(ffp|ff_)/

/** Effects that send a message: to the instance's group, or to all. */
export const createMessagePerformers = (deps: MessagePerformerDeps): readonly EffectPerformer[] => [
  {
    kind: 'message.private',
    begin: (task) => begin(deps, task, (input) => deps.messages.sendPrivate(input, NO_WAIT)),
    end: (reference) => end(deps, reference),
  },
  {
    kind: 'message.broadcast',
    begin: (task) => begin(deps, task, (input) => deps.messages.broadcast(input, NO_WAIT)),
    end: (reference) => end(deps, reference),
  },
]

async function begin(
  deps: MessagePerformerDeps,
  task: EffectTask,
  send: (input: MessageInput) => Promise<{ readonly header: { readonly id: string } }>,
): Promise<{ readonly reference: string } | EffectOutcome> {
  const flaw = findFlaw(task)
  if (flaw !== undefined) return { kind: 'failed', reason: flaw }
  const sent = (await findSent(deps, task)) ?? (await findHeard(deps, task))
  if (sent !== undefined) return { reference: sent }
  try {
    const { header } = await send(toInput(task))
    return { reference: header.id }
  } catch (error) {
    if (!(error instanceof NodeError) || error.retryable || error.status >= 500) throw error
    return { kind: 'failed', reason: error.message }
  }
}

function findFlaw({ request }: EffectTask): string | undefined {
  for (const name of ['tag', 'topic']) {
    const value = request.with[name]
    if (value === undefined || value === null) continue
    if (typeof value !== 'string') return `the message's ${name} is no text`
    if (RESERVED.test(value)) return `the ${name} ${value.slice(0, 64)} is reserved`
  }
  return undefined
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined

function toInput({ request, cause, group, idempotencyKey }: EffectTask): MessageInput {
  const tag = textOf(request.with.tag)
  const topic = textOf(request.with.topic)
  return {
    header: {
      author: request.by,
      ...(cause !== undefined && { cid: cause }),
      ...(tag !== undefined && { tag }),
      ...(topic !== undefined && { topics: [topic] }),
      ...(request.kind === 'message.private' && { group }),
    },
    data: [messageValue(canonicalJson(request.with.value ?? null))],
    idempotencyKey,
  }
}

async function findSent(
  { database, namespace }: MessagePerformerDeps,
  { idempotencyKey }: EffectTask,
): Promise<string | undefined> {
  const row = await database.read
    .selectFrom('messages')
    .select('id')
    .where('namespace', '=', namespace)
    .where('idempotencyKey', '=', idempotencyKey)
    .where('idempotencyKey', 'is not', null)
    .executeTakeFirst()
  return row?.id
}

/** One that came back from the others: this node sent it before it lost its database. */
async function findHeard(
  { database, namespace }: MessagePerformerDeps,
  { request, cause, process }: EffectTask,
): Promise<string | undefined> {
  if (cause === undefined) return undefined
  const tag = textOf(request.with.tag)
  const row = await database.read
    .selectFrom('messages')
    .select('id')
    .where('namespace', '=', namespace)
    .where('cid', '=', cause)
    .where('cid', 'is not', null)
    .where('author', '=', request.by)
    .where('idempotencyKey', 'is', null)
    .where('type', '=', request.kind === 'message.private' ? 'private' : 'broadcast')
    .where('tag', tag === undefined ? 'is' : '=', tag ?? null)
    .where('topics', '=', textOf(request.with.topic) ?? 'default')
    .where('id', 'not in', (eb) =>
      eb
        .selectFrom('processWork')
        .select('reference')
        .where('namespace', '=', namespace)
        .where('process', '=', process)
        .where('reference', 'is not', null)
        .$narrowType<{ reference: string }>(),
    )
    .orderBy('seq')
    .executeTakeFirst()
  return row?.id
}

async function end(
  { database, namespace }: MessagePerformerDeps,
  reference: string,
): Promise<EffectOutcome | undefined> {
  const row = await database.read
    .selectFrom('messages')
    .select(['state', 'rejectReason'])
    .where('namespace', '=', namespace)
    .where('id', '=', reference)
    .executeTakeFirst()
  if (row?.state === 'confirmed') return { kind: 'confirmed', facts: { message: reference } }
  if (row?.state === 'rejected' || row?.state === 'cancelled')
    return { kind: 'failed', reason: row.rejectReason ?? `the message was ${row.state}` }
  return undefined
}
