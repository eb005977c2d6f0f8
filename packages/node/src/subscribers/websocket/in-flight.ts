import { NodeError, type WebSocketAck } from '@concordat/protocol'
import type { Answer, Delivery, SubscriptionRef } from '../delivery.ts'

/** What a connection was sent and has not acknowledged, oldest first. */
export interface InFlight {
  readonly size: number
  add(delivery: Delivery, answer: Answer): void
  /** Acknowledges what an ack frame names. Throws FF10175 when it names nothing, or not one thing. */
  ack(frame: WebSocketAck, served: readonly Served[]): void
  /** Forgets what belongs to a subscription that is no longer served here. */
  drop(subscription: SubscriptionRef): void
}

/** A subscription as the connection started it: durable ones by name. */
export interface Served {
  readonly namespace: string
  readonly name?: string | undefined
}

interface Sent {
  readonly delivery: Delivery
  readonly answer: Answer
}

export function createInFlight(): InFlight {
  const sent = new Map<string, Sent>()
  /** Keys of the subscriptions seen, by their id. */
  const keyOfId = new Map<string, string>()

  const find = (frame: WebSocketAck, served: readonly Served[]): [string, Sent] | undefined => {
    if (!frame.id) {
      for (const entry of sent) return entry
      return undefined
    }
    const prefix = subscriptionKey(frame, served)
    const key = prefix && `${prefix}/${frame.id}`
    const found = key ? sent.get(key) : undefined
    return key && found ? [key, found] : undefined
  }

  const subscriptionKey = (
    { subscription }: WebSocketAck,
    served: readonly Served[],
  ): string | undefined => {
    if (subscription?.id) return keyOfId.get(subscription.id)
    if (subscription?.name) {
      const namespace = subscription.namespace || served[0]?.namespace
      return `${namespace}/${subscription.name}`
    }
    return served.length === 1 ? [...keyOfId.values()].at(-1) : undefined
  }

  return {
    get size() {
      return sent.size
    },
    add(delivery, answer) {
      const { id, namespace, name } = delivery.subscription
      const prefix = `${namespace}/${name}`
      keyOfId.set(id, prefix)
      sent.set(`${prefix}/${delivery.id}`, { delivery, answer })
    },
    ack(frame, served) {
      const found = find(frame, served)
      if (!found) throw new NodeError('FF10175', { id: frame.id ?? '' })
      sent.delete(found[0])
      found[1].answer.ack()
    },
    drop({ id, namespace, name }) {
      const prefix = `${namespace}/${name}/`
      for (const key of [...sent.keys()]) if (key.startsWith(prefix)) sent.delete(key)
      keyOfId.delete(id)
    },
  }
}
