import { timeToMs } from '@concordat/protocol'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { World } from '../lib/world.ts'
import type { Namespace } from '../namespace.ts'
import type { EventRow } from '../store/schema.ts'
import type { RestObserver, SeenRequest } from './mount.ts'

/** What a node counts, under the names that FireFly's dashboards know. Labelled `ns` where it is of a namespace. */
export interface Metrics extends RestObserver {
  readonly registry: Registry
  readonly batchPins: Counter<'ns'>
  readonly chainEvents: Counter<'ns'>
  readonly chainQueries: Counter<'ns'>
  readonly chainTransactions: Counter<'ns'>
  /** 1 when the exchange's identity isn't the registered one. */
  readonly exchangeMismatch: Gauge<'ns'>
  /** When the exchange's certificate expires, in seconds since 1970. */
  readonly exchangeExpiry: Gauge<'ns'>
  /** Counts what becomes of a namespace's messages, until the returned function is called. */
  watch(namespace: Namespace): () => void
}

type MessageKind = 'broadcast' | 'private_msg'
const SUBMITS: Readonly<Record<string, MessageKind>> = {
  postNewMessageBroadcast: 'broadcast',
  postNewMessagePrivate: 'private_msg',
  postNewMessageRequestReply: 'private_msg',
}
const KINDS: Readonly<Record<string, MessageKind>> = {
  broadcast: 'broadcast',
  private: 'private_msg',
}
const SECONDS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]

export function createMetrics(world: Pick<World, 'now'>): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  const labelNames = ['ns'] as const
  const counter = (name: string, help: string) => new Counter({ name, help, labelNames, registers })
  const gauge = (name: string, help: string) => new Gauge({ name, help, labelNames, registers })
  const rest = new Histogram({
    name: 'ff_apiserver_rest_request_duration_seconds',
    help: 'Time to answer a REST request',
    labelNames: ['route', 'code'] as const,
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30],
    registers,
  })
  const messages = {
    broadcast: messageMetrics('broadcast', registry),
    private_msg: messageMetrics('private_msg', registry),
  }

  const follow = (namespace: Namespace, row: EventRow): void => {
    if (row.type !== 'message_confirmed' && row.type !== 'message_rejected') return
    const message = namespace.events.recentMessage(row.reference)
    const kind = message && KINDS[message.header.type]
    // One event a topic: the first topic stands for the message.
    if (!kind || (row.topic !== null && row.topic !== message.header.topics[0])) return
    const ns = namespace.name
    if (row.type === 'message_rejected') messages[kind].rejected.inc({ ns })
    else messages[kind].confirmed.inc({ ns })
    const seconds = (world.now() - timeToMs(message.header.created)) / 1000
    messages[kind].histogram.observe({ ns }, Math.max(0, seconds))
  }

  return {
    registry,
    batchPins: counter('ff_batchpin_total', 'Batch pins sent to the chain'),
    chainEvents: counter('ff_blockchain_events_total', 'Events read from the chain'),
    chainQueries: counter('ff_blockchain_queries_total', 'Queries of the chain'),
    chainTransactions: counter('ff_blockchain_transactions_total', 'Transactions sent'),
    exchangeMismatch: gauge(
      'ff_multiparty_node_identity_dx_mismatch',
      'Whether the exchange shows another identity than the registered one',
    ),
    exchangeExpiry: gauge(
      'ff_multiparty_node_identity_dx_expiry_epoch',
      'When the certificate of the exchange expires',
    ),
    request({ route, status, ms, namespace }: SeenRequest) {
      rest.observe({ route, code: status }, ms / 1000)
      const kind = SUBMITS[route]
      if (kind && namespace !== undefined && status < 300)
        messages[kind].submitted.inc({ ns: namespace })
    },
    watch: (namespace) =>
      namespace.events.onAppend((rows) => {
        for (const row of rows) if (row.namespace === namespace.name) follow(namespace, row)
      }),
  }
}

function messageMetrics(kind: MessageKind, registry: Registry) {
  const what = kind === 'broadcast' ? 'Broadcast messages' : 'Private messages'
  const shared = { labelNames: ['ns'] as const, registers: [registry] }
  const counter = (end: string) =>
    new Counter({ name: `ff_${kind}_${end}_total`, help: `${what} ${end}`, ...shared })
  return {
    submitted: counter('submitted'),
    confirmed: counter('confirmed'),
    rejected: counter('rejected'),
    histogram: new Histogram({
      name: `ff_${kind}_histogram`,
      help: `${what}: seconds from creation to confirmation`,
      buckets: SECONDS,
      ...shared,
    }),
  }
}
