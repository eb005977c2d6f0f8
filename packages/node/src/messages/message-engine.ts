import {
  formatTime,
  type Message,
  type MessageInOut,
  type MessageInput,
  NodeError,
} from '@concordat/protocol'
import { resolveSigner, type SignerDeps, type SignerRef } from '../identity/signer.ts'
import type { World } from '../lib/world.ts'
import type { MessageCommands, Wait } from '../namespace.ts'
import type { Database } from '../store/database.ts'
import type { EventRow } from '../store/schema.ts'
import { getMessage } from '../store/tables/messages.ts'
import { type Draft, type DraftHeader, draftMessage, type Place } from './draft.ts'
import type { Groups } from './groups.ts'
import type { InlineData } from './inline-data.ts'
import { expectEvent, type Waiters } from './waiters.ts'
import type { MessageWriter, Writing } from './writer.ts'

export interface MessageEngineDeps {
  readonly namespace: string
  readonly networkName: string
  readonly world: World
  readonly database: Database
  readonly signer: SignerDeps
  readonly groups: Groups
  readonly inlineData: InlineData
  readonly writer: MessageWriter
  readonly waiters: Waiters
  /** Largest batch payloads, bytes. */
  readonly limits: { readonly broadcast: number; readonly private: number }
  /** Requests not yet durable, above which callers are told to come back. */
  readonly maxWaiting: number
}

/** Messages as other rooms send them (definitions, webhook replies). */
export interface MessageEngine extends MessageCommands {
  /** Sends a message that is composed already, and waits for it when asked. */
  send(writing: Writing, wait: Wait): Promise<Message>
  place(): Place
}

export function createMessageEngine(deps: MessageEngineDeps): MessageEngine {
  const { writer, waiters } = deps
  const place = (): Place => placeNow(deps)

  async function send(writing: Writing, wait: Wait): Promise<Message> {
    if (writer.waiting >= deps.maxWaiting) throw new NodeError('CC20501', {})
    const { message } = writing.draft
    if (!wait.confirm) {
      await writer.write(writing)
      return message
    }
    const settled = expectSettled(waiters, wait, message.header.id)
    await writer.write(writing)
    return await settledMessage(deps, await settled)
  }

  async function broadcast(input: MessageInput, wait: Wait): Promise<Message> {
    const txtype = pinnedType(input)
    const draft = await compose(deps, place(), input, { type: 'broadcast', txtype })
    checkSize(draft, deps.limits.broadcast)
    return await send({ draft }, wait)
  }

  async function composePrivate(input: MessageInput): Promise<Writing> {
    const at = place()
    const signer = resolveSigner(deps.signer, input.header ?? {})
    const group = await deps.groups.resolve(at, signer, input.group, input.header?.group)
    const unpinned = input.header?.txtype === 'unpinned' || input.header?.txtype === 'none'
    const draft = await compose(
      deps,
      at,
      input,
      { type: 'private', txtype: unpinned ? 'unpinned' : pinnedType(input), group: group.hash },
      signer,
    )
    checkSize(draft, deps.limits.private)
    return { draft, ...(group.created && { newGroup: group.created }) }
  }

  async function requestReply(input: MessageInput, wait: Wait): Promise<MessageInOut> {
    if (!input.header?.tag) throw new NodeError('FF10261', {})
    if (input.header.cid) throw new NodeError('FF10262', {})
    const writing = await composePrivate(input)
    const { id } = writing.draft.message.header
    const reply = expectEvent(
      waiters,
      wait,
      id,
      ({ type, correlator }) => type === 'message_confirmed' && correlator === id,
    )
    await send(writing, { ...wait, confirm: false })
    const { reference } = await reply
    return await deps.inlineData.withValues(await mustFind(deps, reference))
  }

  return {
    place,
    send,
    broadcast,
    sendPrivate: async (input, wait) => await send(await composePrivate(input), wait),
    requestReply,
  }
}

const expectSettled = (waiters: Waiters, wait: Wait, id: string): Promise<EventRow> =>
  expectEvent(
    waiters,
    wait,
    id,
    ({ type, reference }) =>
      reference === id && (type === 'message_confirmed' || type === 'message_rejected'),
  )

/** Where and when a message is made. */
export const placeNow = ({
  namespace,
  networkName,
  world,
}: Pick<MessageEngineDeps, 'namespace' | 'networkName' | 'world'>): Place => ({
  namespace,
  networkName,
  created: formatTime(world.now()),
  uuid: world.uuid,
})

/** Resolves the confirmed message; FF10269 when it was rejected. */
async function settledMessage(
  deps: MessageEngineDeps,
  { type, reference: id }: EventRow,
): Promise<Message> {
  const message = await mustFind(deps, id)
  if (type === 'message_rejected')
    throw new NodeError('FF10269', { id, reason: message.rejectReason ?? 'no reason given' })
  return message
}

async function mustFind({ database, namespace }: MessageEngineDeps, id: string): Promise<Message> {
  const message = await getMessage(database.read, namespace, id)
  if (!message) throw new NodeError('FF10109', {})
  return message
}

async function compose(
  deps: MessageEngineDeps,
  at: Place,
  input: MessageInput,
  kind: Pick<DraftHeader, 'type' | 'txtype' | 'group'>,
  signer: SignerRef = resolveSigner(deps.signer, input.header ?? {}),
): Promise<Draft> {
  const data = await deps.inlineData.resolve(at, input.data ?? [])
  const { cid, tag, topics } = input.header ?? {}
  return draftMessage(
    at,
    { ...kind, ...signer, cid, tag, topics, idempotencyKey: input.idempotencyKey },
    data,
  )
}

const pinnedType = (input: MessageInput): string => {
  const txtype = input.header?.txtype
  if (txtype === 'contract_invoke_pin') throw new NodeError('FF00130', { type: txtype })
  return 'batch_pin'
}

function checkSize({ message, size }: Draft, limit: number): void {
  if (size > limit) throw new NodeError('FF10328', { id: message.header.id, size, limit })
}
