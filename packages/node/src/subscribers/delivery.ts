import type { EnrichedEvent } from './enrich.ts'

/** How a delivery names its subscription on the wire. */
export interface SubscriptionRef {
  readonly id: string
  readonly namespace: string
  readonly name: string
}

/** What a receiver is handed and answers for: one event, or in batch mode one batch of them. */
export interface Delivery {
  /** The event's id, or the batch's own. */
  readonly id: string
  readonly batch: boolean
  readonly subscription: SubscriptionRef
  /** In order; never empty; exactly one unless `batch`. */
  readonly events: readonly EnrichedEvent[]
}

/** Takes deliveries in order. What it was handed stays in flight until it calls `ack` or `nack` on it. */
export interface Receiver {
  /**
   * Starts one delivery. A returned promise asks for a rest until it resolves; a throw or rejection is a nack.
   * May call `ack` before it returns.
   */
  deliver(delivery: Delivery, answer: Answer): undefined | Promise<void>
  /** No more comes for this subscription; what is in flight will come again to the next receiver. */
  stopped?(subscription: SubscriptionRef): void
}

/** A receiver's answer to one delivery. Only the first call counts; a delivery that was given up ignores it. */
export interface Answer {
  /** Aborts when the subscription is no longer served to this receiver. */
  readonly signal: AbortSignal
  ack(): void
  /** Gives back this delivery and all later ones: they are delivered again, in order. */
  nack(): void
}

/** The delivery as JSON text: an event with its subscription, or an `event_batch` of such. */
export function deliveryText(delivery: Delivery): string {
  const subscription = JSON.stringify(delivery.subscription)
  const tail = `,"subscription":${subscription}}`
  const [first] = delivery.events
  if (!delivery.batch && first) return first.text() + tail
  const events = delivery.events.map((event) => event.text() + tail).join(',')
  return `{"type":"event_batch","id":"${delivery.id}","subscription":${subscription},"events":[${events}]}`
}
