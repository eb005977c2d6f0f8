import {
  jsonAnyText,
  type Message,
  type MessageInput,
  RawJson,
  type SubscriptionOptions,
  spliceJson,
} from '@concordat/protocol'
import type { WebhookAnswer } from './call.ts'

/** The message that carries a target's answer back to whoever sent `message`. */
export function toReply(
  message: Message,
  answer: WebhookAnswer,
  options: SubscriptionOptions,
  wanted: { readonly replyTx: string | undefined; readonly idempotencyKey: string },
): MessageInput {
  const { header } = message
  const txtype = transactionType(wanted.replyTx ?? options.replytx)
  return {
    header: {
      cid: header.id,
      type: header.type,
      topics: [...header.topics],
      ...(header.group && { group: header.group }),
      ...(options.replytag && { tag: options.replytag }),
      ...(txtype && { txtype }),
    },
    data: [{ value: new RawJson(answerText(answer, options.json ?? false)) }],
    idempotencyKey: wanted.idempotencyKey,
  }
}

/** What stands for an answer when the target could not be reached. */
export const unreachable = (reason: string): WebhookAnswer => ({
  status: 502,
  headers: { 'content-type': 'application/json' },
  body: Buffer.from(JSON.stringify({ error: reason })),
})

function transactionType(wanted: string | undefined): string | undefined {
  const type = wanted?.toLowerCase()
  return type === 'true' ? 'batch_pin' : type === 'false' ? undefined : type
}

function answerText({ status, headers, body }: WebhookAnswer, json: boolean): string {
  return jsonAnyText(spliceJson({ status, headers, body: bodyValue(headers, body, json) }))
}

/** JSON as it came; anything else as base64. */
function bodyValue(
  headers: WebhookAnswer['headers'],
  body: Uint8Array,
  json: boolean,
): RawJson | string | null {
  if (body.length === 0) return null
  if (json || /^application\/(.*\+)?json\b/i.test(headers['content-type'] ?? '')) {
    try {
      return new RawJson(jsonAnyText(new TextDecoder('utf-8', { fatal: true }).decode(body)))
    } catch {
      // The target said JSON, and sent something else.
    }
  }
  return Buffer.from(body).toString('base64')
}
