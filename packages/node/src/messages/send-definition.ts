import { type Message, RawJson } from '@concordat/protocol'
import type { SignerRef } from '../identity/signer.ts'
import { draftData, draftMessage } from './draft.ts'
import type { MessageEngine } from './message-engine.ts'

export interface NewDefinition extends SignerRef {
  readonly tag: string
  readonly topic: string
  /** JSON text, as it is hashed. */
  readonly text: string
}

const NO_WAIT = { confirm: false, timeoutMs: 0, signal: AbortSignal.abort() }

/** Broadcasts a definition; resolves when it is durable. */
export async function sendDefinition(
  messages: MessageEngine,
  { tag, topic, text, author, key }: NewDefinition,
): Promise<Message> {
  const place = messages.place()
  const data = draftData(place, { value: new RawJson(text), validator: 'json' })
  const draft = draftMessage(
    place,
    { type: 'definition', txtype: 'batch_pin', author, key, tag, topics: [topic] },
    [{ kind: 'new', data }],
  )
  return await messages.send({ draft }, NO_WAIT)
}
