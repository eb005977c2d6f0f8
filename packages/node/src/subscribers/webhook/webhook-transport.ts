import type { EventTransport } from '../transport.ts'
import { createAddressCheck } from './addresses.ts'
import { createAgent, type TlsConfig } from './agent.ts'
import { checkWebhookOptions } from './webhook-options.ts'
import { WebhookReceiver } from './webhook-receiver.ts'

export interface WebhookTransportOptions {
  /** Addresses inside the house that may be called: `loopback`, `private`, `link-local`, or blocks such as `10.1.0.0/16`. */
  readonly allowedRanges: readonly string[]
  /** Milliseconds for one call. Default 30,000. */
  readonly requestTimeoutMs?: number
  /** Milliseconds after which a target that doesn't answer 2xx pauses its subscription. Default 24 hours. */
  readonly retryForMs?: number
  /** Bytes of the longest answer taken into a reply. Default 512 KiB. */
  readonly maxAnswer?: number
  /** Signs for subscriptions that bring no secret: `whsec_` and base64. */
  readonly secret?: string
  /** What subscriptions may name as `tlsConfigName`. */
  readonly tls?: ReadonlyMap<string, TlsConfig>
}

export const WEBHOOKS = 'webhooks'

/** Calls an HTTP target for each event. */
export function createWebhookTransport(options: WebhookTransportOptions): EventTransport {
  const allows = createAddressCheck(options.allowedRanges)
  const tlsNames = new Set(options.tls?.keys())
  const settings = {
    requestTimeoutMs: options.requestTimeoutMs ?? 30_000,
    retryForMs: options.retryForMs ?? 24 * 3_600_000,
    maxAnswer: options.maxAnswer ?? 512 * 1024,
    secret: options.secret,
  }
  return {
    name: WEBHOOKS,
    validateOptions: (given) => checkWebhookOptions(given, allows, tlsNames),
    open(subscription, context) {
      const { httpOptions = {}, tlsConfigName } = subscription.options
      const agent = createAgent(allows, httpOptions, options.tls?.get(tlsConfigName ?? ''))
      return new WebhookReceiver(subscription, agent, settings, context)
    },
  }
}
