import type { MessageEngine } from '../messages/message-engine.ts'
import { createSubscribers, type Subscribers } from '../subscribers/subscribers.ts'
import type { Foundation } from './foundation.ts'

/** Starts what hands events to subscribers; what they answer is sent as messages. */
export async function startDelivering(
  {
    namespace,
    database,
    events,
    world,
    log,
    transports,
    config,
  }: Pick<
    Foundation,
    'namespace' | 'database' | 'events' | 'world' | 'log' | 'transports' | 'config'
  >,
  messages: MessageEngine,
): Promise<Subscribers> {
  const { defaults, max } = config.subscription
  return await createSubscribers({
    namespace,
    database,
    log: events,
    world,
    logger: log,
    transports,
    defaultTransport: config.event.transports.default,
    defaults: { batchSize: defaults.batchSize, batchTimeoutMs: defaults.batchTimeout },
    maxSubscriptions: max,
    sendReply: async (message) => {
      if (message.header?.group) await messages.sendPrivate(message, NO_WAIT)
      else await messages.broadcast(message, NO_WAIT)
    },
  })
}

const NO_WAIT = { confirm: false, timeoutMs: 0, signal: AbortSignal.abort() }
