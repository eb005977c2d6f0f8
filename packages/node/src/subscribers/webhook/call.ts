import { type Dispatcher, request as send } from 'undici'
import type { World } from '../../lib/world.ts'
import type { WebhookRequest } from './request.ts'

/** What a target answered. */
export interface WebhookAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

export interface CallOptions {
  readonly agent: Dispatcher
  readonly headers: Readonly<Record<string, string>>
  /** Milliseconds for the whole call. */
  readonly timeoutMs: number
  /** Bytes of the longest answer read; 0 when the answer's body is of no interest. */
  readonly maxAnswer: number
  readonly signal: AbortSignal
  readonly world: Pick<World, 'sleep'>
}

/** Makes the call. Redirects are answers like any other. Throws when there is no answer in time. */
export async function call(
  request: WebhookRequest,
  { agent, headers, timeoutMs, maxAnswer, signal, world }: CallOptions,
): Promise<WebhookAnswer> {
  const late = new AbortController()
  const done = new AbortController()
  world.sleep(timeoutMs, done.signal).then(
    () => late.abort(new Error(`No answer within ${timeoutMs} ms`)),
    () => {},
  )
  const { method, url, body } = request
  try {
    const response = await send(url, {
      dispatcher: agent,
      method,
      headers: { ...request.headers, ...headers },
      ...(body !== undefined && { body }),
      signal: AbortSignal.any([signal, late.signal]),
    })
    const read = await readBody(response.body, maxAnswer)
    return { status: response.statusCode, headers: flatten(response.headers), body: read }
  } finally {
    done.abort()
  }
}

async function readBody(body: Dispatcher.ResponseData['body'], limit: number): Promise<Uint8Array> {
  if (limit === 0) {
    await body.dump({ limit: 64 * 1024 })
    return new Uint8Array()
  }
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > limit) {
      body.destroy()
      throw new AnswerTooLong(limit)
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** The target answered, with more than may be read. */
export class AnswerTooLong extends Error {
  override readonly name = 'AnswerTooLong'

  constructor(limit: number) {
    super(`The answer has more than ${limit} bytes`)
  }
}

const flatten = (
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
    ),
  )
