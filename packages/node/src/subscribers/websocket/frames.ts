import {
  NodeError,
  type SubscriptionFilter,
  type SubscriptionOptions,
  WebSocketAck,
  WebSocketStart,
} from '@concordat/protocol'
import { Compile } from 'typebox/compile'

/** A request to be served, from a frame or from the URL. */
export interface Start {
  readonly namespace: string | undefined
  readonly name: string | undefined
  readonly ephemeral: boolean
  /** Undefined leaves the connection's as it is. */
  readonly autoack: boolean | undefined
  readonly filter: SubscriptionFilter
  readonly options: SubscriptionOptions
}

export type Frame =
  | { readonly type: 'start'; readonly start: Start }
  | { readonly type: 'ack'; readonly ack: WebSocketAck }

const startSchema = Compile(WebSocketStart)
const ackSchema = Compile(WebSocketAck)

/** Reads what a client sent. Throws FF10176 or FF10177. */
export function parseFrame(text: string): Frame {
  const frame = parseJson(text)
  const type = typeof frame === 'object' && frame && 'type' in frame ? frame.type : undefined
  if (type === 'ack') {
    if (ackSchema.Check(frame)) return { type, ack: frame }
    throw new NodeError('FF10176', { reason: firstFault(ackSchema.Errors(frame)) })
  }
  if (type === 'start') {
    if (startSchema.Check(frame)) return { type, start: toStart(frame) }
    throw new NodeError('FF10176', { reason: firstFault(startSchema.Errors(frame)) })
  }
  throw new NodeError('FF10177', { type: typeof type === 'string' ? type.slice(0, 64) : '' })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new NodeError('FF10176', { reason: 'it is not JSON' }, { cause })
  }
}

const firstFault = (faults: readonly { instancePath: string; message: string }[]): string => {
  const [fault] = faults
  return fault ? `${fault.instancePath} ${fault.message}`.trim() : 'it has another form'
}

const toStart = (frame: WebSocketStart): Start => ({
  namespace: frame.namespace || undefined,
  name: frame.name || undefined,
  ephemeral: frame.ephemeral ?? false,
  autoack: frame.autoack ?? undefined,
  filter: frame.filter ?? {},
  options: frame.options ?? {},
})

/** The start that a URL asks for: with `ephemeral` or a `name`. Bare flags are true. Throws FF10176. */
export function startFromQuery(query: URLSearchParams): Start | undefined {
  const ephemeral = flag(query, 'ephemeral')
  const name = query.get('name') || undefined
  if (!ephemeral && name === undefined) return undefined
  const text = (key: string): string | undefined => query.get(key) || undefined
  const readAhead = text('readahead')
  const batchTimeout = text('batchtimeout')
  return {
    namespace: text('namespace'),
    name,
    ephemeral,
    autoack: query.has('autoack') ? flag(query, 'autoack') : undefined,
    filter: filterFromQuery(text),
    options: {
      ...(query.has('batch') && { batch: flag(query, 'batch') }),
      ...(readAhead !== undefined && { readAhead: parseReadAhead(readAhead) }),
      ...(batchTimeout !== undefined && { batchTimeout }),
    },
  }
}

function filterFromQuery(text: (key: string) => string | undefined): SubscriptionFilter {
  const blockchain = (key: string): string | undefined =>
    text(`filter.blockchain.${key}`) ?? text(`filter.blockchainevent.${key}`)
  return {
    ...given({
      events: text('filter.events'),
      topic: text('filter.topic') ?? text('filter.topics'),
    }),
    message: given({
      tag: text('filter.message.tag') ?? text('filter.tag'),
      group: text('filter.message.group') ?? text('filter.group'),
      author: text('filter.message.author') ?? text('filter.author'),
    }),
    blockchainevent: given({ name: blockchain('name'), listener: blockchain('listener') }),
    transaction: given({ type: text('filter.transaction.type') }),
  }
}

/** Leaves out what is undefined. */
function given<K extends string>(
  fields: Readonly<Record<K, string | undefined>>,
): { [P in K]?: string } {
  const result: { [P in K]?: string } = {}
  for (const key in fields) {
    const value = fields[key]
    if (value !== undefined) result[key] = value
  }
  return result
}

const flag = (query: URLSearchParams, key: string): boolean =>
  query.has(key) && query.get(key)?.toLowerCase() !== 'false'

function parseReadAhead(text: string): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && value <= 65_535) return value
  throw new NodeError('FF10176', { reason: "'readahead' must be a whole number up to 65535" })
}
