import type { World } from '../lib/world.ts'
import { createAddressCheck } from '../subscribers/webhook/addresses.ts'
import { createAgent } from '../subscribers/webhook/agent.ts'
import { call } from '../subscribers/webhook/call.ts'
import { parseSecret, signatureHeaders } from '../subscribers/webhook/signature.ts'
import type { AskDecider } from '../tasks/deciders.ts'

export interface DeciderCaller extends AsyncDisposable {
  readonly ask: AskDecider
}

/** Bytes of the longest answer taken. */
const MAX_ANSWER = 512 * 1024

/** Asks deciders as webhooks are called: signed, and only where webhooks may lead. */
export function createDeciderCaller(allowedRanges: readonly string[], world: World): DeciderCaller {
  const agent = createAgent(createAddressCheck(allowedRanges), {}, undefined)
  return {
    async ask({ url, key, body, secret, timeoutMs, signal }) {
      const headers = { 'content-type': 'application/json', 'idempotency-key': key }
      const signature = signatureHeaders(key, world.now(), body, parseSecret(secret))
      const answer = await call(
        { method: 'POST', url, headers, body, replyTx: undefined },
        { agent, headers: signature, timeoutMs, maxAnswer: MAX_ANSWER, signal, world },
      )
      return { status: answer.status, body: Buffer.from(answer.body).toString('utf8') }
    },
    [Symbol.asyncDispose]: () => agent.destroy(),
  }
}
