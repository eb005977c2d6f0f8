import { isIP } from 'node:net'
import { NodeError, parseDuration, type SubscriptionOptions } from '@concordat/protocol'
import type { AddressCheck } from './addresses.ts'
import { isHeader, toMethod } from './request.ts'
import { parseSecret } from './signature.ts'

/** Throws CC20802 for options that no call could be made with; fills in `withData`. */
export function checkWebhookOptions(
  options: SubscriptionOptions,
  allows: AddressCheck,
  tlsNames: ReadonlySet<string>,
): SubscriptionOptions {
  checkUrl('url', options.url ?? '', allows)
  if (options.httpOptions?.proxyURL) {
    checkUrl('httpOptions.proxyURL', options.httpOptions.proxyURL, allows)
  }
  if (!toMethod(options.method)) refuse('method', `'${options.method}' is not known`)
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    if (!isHeader(name, value)) refuse('headers', `'${name}' can't be set`)
  }
  if (options.tlsConfigName && !tlsNames.has(options.tlsConfigName)) {
    refuse('tlsConfigName', `'${options.tlsConfigName}' is not configured`)
  }
  if (options.secret !== undefined && !parseSecret(options.secret)) {
    refuse('secret', "it must be 'whsec_' and 16 to 128 bytes in base64")
  }
  if (options.batch && options.reply) refuse('reply', 'a batch has no reply')
  checkDurations(options)
  return { ...options, withData: options.withData ?? !options.batch }
}

function checkDurations({ batchTimeout, retry, httpOptions }: SubscriptionOptions): void {
  const durations = [
    batchTimeout,
    retry?.initialDelay,
    retry?.maxDelay,
    httpOptions?.requestTimeout,
    httpOptions?.connectionTimeout,
    httpOptions?.tlsHandshakeTimeout,
    httpOptions?.idleTimeout,
    httpOptions?.expectContinueTimeout,
  ]
  for (const duration of durations) if (duration !== undefined) parseDuration(duration)
}

function checkUrl(option: string, text: string, allows: AddressCheck): void {
  if (!URL.canParse(text)) refuse(option, 'it is not a URL')
  const { protocol, hostname } = new URL(text)
  if (protocol !== 'http:' && protocol !== 'https:') refuse(option, 'it must be http or https')
  const bare = hostname.replace(/^\[|\]$/g, '')
  if (isIP(bare) !== 0 && !allows(bare)) refuse(option, `address ${bare} is not allowed`)
}

function refuse(option: string, reason: string): never {
  throw new NodeError('CC20802', { option, reason })
}
