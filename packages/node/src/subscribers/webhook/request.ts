import { parseJson, RawJson, type SubscriptionOptions } from '@concordat/protocol'
import type { Dispatcher } from 'undici'
import { type Delivery, deliveryText } from '../delivery.ts'

/** A call to make. */
export interface WebhookRequest {
  readonly method: Dispatcher.HttpMethod
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Undefined for methods that carry none. */
  readonly body: string | undefined
  /** Transaction type of the reply, where the message asks for one. */
  readonly replyTx: string | undefined
}

type Fields = Readonly<Record<string, unknown>>

const METHODS = ['POST', 'PUT', 'PATCH', 'GET', 'DELETE', 'HEAD', 'OPTIONS'] as const
const WITH_BODY = new Set<string>(['POST', 'PUT', 'PATCH'])
/** Headers that are ours to set, whoever wrote the message. */
const OURS =
  /^(host|connection|content-length|transfer-encoding|upgrade|te|trailer|expect|keep-alive|proxy-.*|webhook-.*)$/i
const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

/** The call that a delivery makes; `values` are the JSON texts of the message's data, empty when not asked for. */
export function toRequest(
  options: SubscriptionOptions,
  delivery: Delivery,
  values: readonly string[],
): WebhookRequest {
  const method = toMethod(options.method) ?? 'POST'
  const input = options.input ?? {}
  const [first] = values
  const fields = first === undefined ? {} : readFields(first, input.body)
  const url = new URL(options.url ?? '')
  appendPath(url, textOf(fields, input.path))
  const query = { ...options.query, ...textsOf(fields, input.query) }
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
  const body = WITH_BODY.has(method) ? toBody(options, delivery, values, fields) : undefined
  return {
    method,
    url: url.href,
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...lowerCase(options.headers ?? {}),
      ...safeHeaders(textsOf(fields, input.headers)),
    },
    body,
    replyTx: textOf(fields, input.replytx),
  }
}

/** The method by its name; undefined for one that can't be used. */
export function toMethod(name: string | undefined): (typeof METHODS)[number] | undefined {
  const wanted = (name || 'POST').toUpperCase()
  return METHODS.find((method) => method === wanted)
}

function toBody(
  options: SubscriptionOptions,
  delivery: Delivery,
  values: readonly string[],
  fields: Fields,
): string {
  const bodyKey = options.input?.body
  if (bodyKey && bodyKey in fields) {
    const part = fields[bodyKey]
    return part instanceof RawJson ? part.text : JSON.stringify(part)
  }
  const [first] = values
  if (first === undefined) return batchOrEvent(delivery)
  if (values.length > 1) return `[${values.join(',')}]`
  return first.startsWith('{') ? first : `{"value":${first}}`
}

/** A batch is sent as the list of its events. */
function batchOrEvent(delivery: Delivery): string {
  if (!delivery.batch) return deliveryText(delivery)
  const each = delivery.events.map((event) =>
    deliveryText({ ...delivery, id: event.row.id, batch: false, events: [event] }),
  )
  return `[${each.join(',')}]`
}

/** The first value's members, with `keep` as its text; none when it isn't an object. */
function readFields(text: string, keep: string | undefined): Fields {
  const value = parseJson(text, { raw: keep && !/[.*]/.test(keep) ? [keep] : [] })
  return isFields(value) && !(value instanceof RawJson) ? value : {}
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function textOf(fields: Fields, key: string | undefined): string | undefined {
  const value = key ? fields[key] : undefined
  return isText(value) ? String(value) : undefined
}

function textsOf(fields: Fields, key: string | undefined): Record<string, string> {
  const value = key ? fields[key] : undefined
  if (!isFields(value)) return {}
  const texts: Record<string, string> = {}
  for (const [name, text] of Object.entries(value)) if (isText(text)) texts[name] = String(text)
  return texts
}

const isText = (value: unknown): value is string | number | boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'

/** Segment by segment and escaped, so that a message can't leave the configured path. */
function appendPath(url: URL, path: string | undefined): void {
  if (!path) return
  const segments = path.split('/').filter((segment) => !['', '.', '..'].includes(segment))
  const base = url.pathname.replace(/\/$/, '')
  url.pathname = [base, ...segments.map(encodeURIComponent)].join('/')
}

const lowerCase = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

/** Whether a subscription may set this header. */
export const isHeader = (name: string, value: string): boolean =>
  HEADER_NAME.test(name) && HEADER_VALUE.test(value) && !OURS.test(name)

/** A message's headers come from another party: what doesn't belong in a request is left out. */
const safeHeaders = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  lowerCase(Object.fromEntries(Object.entries(headers).filter(([n, v]) => isHeader(n, v))))
