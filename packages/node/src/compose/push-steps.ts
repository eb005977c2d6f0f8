import type { World } from '../lib/world.ts'
import type { Push } from '../processes/lines/syncs.ts'
import { createAddressCheck } from '../subscribers/webhook/addresses.ts'
import { createAgent } from '../subscribers/webhook/agent.ts'
import { call } from '../subscribers/webhook/call.ts'
import { parseSecret, signatureHeaders } from '../subscribers/webhook/signature.ts'

export interface Pusher extends AsyncDisposable {
  readonly push: Push
}

const TIMEOUT_MS = 30_000

/** Tells systems of steps as webhooks are called: signed, and only where webhooks may lead. */
export function createPusher(allowedRanges: readonly string[], world: World): Pusher {
  const agent = createAgent(createAddressCheck(allowedRanges), {}, undefined)
  return {
    async push({ url, id, type, body, secret, signal }) {
      const headers = { 'content-type': type, 'idempotency-key': id }
      const signature = signatureHeaders(id, world.now(), body, parseSecret(secret))
      const { status } = await call(
        { method: 'POST', url, headers, body, replyTx: undefined },
        { agent, headers: signature, timeoutMs: TIMEOUT_MS, maxAnswer: 0, signal, world },
      )
      return status
    },
    [Symbol.asyncDispose]: () => agent.destroy(),
  }
}
