import { NodeError } from '@concordat/protocol'
import type { EventLog } from '../events/log.ts'
import type { World } from '../lib/world.ts'
import type { Wait } from '../namespace.ts'
import type { EventRow } from '../store/schema.ts'

export interface WaitFor {
  /** The first event this accepts ends the wait. */
  readonly match: (event: EventRow) => boolean
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** Callers who wait for an event (`confirm=true`), found by what the event refers to. */
export interface Waiters extends Disposable {
  /** Registers before the caller acts, so that the event can't be missed; `key` is the event's reference or correlator. */
  until(key: string, options: WaitFor): Promise<EventRow>
}

/**
 * The event that will end a command. Asked for before the command acts, so that it is not missed, and awaited after: a failure
 * of the wait is the caller's only once the command is durable.
 */
export function expectEvent(
  waiters: Waiters,
  { timeoutMs, signal }: Wait,
  key: string,
  match: WaitFor['match'],
): Promise<EventRow> {
  const event = waiters.until(key, { match, timeoutMs, signal })
  event.catch(() => {})
  return event
}

export function createWaiters(log: EventLog, world: World): Waiters {
  const waiting = new Map<string, Set<(event: EventRow) => void>>()
  const tell = (key: string | null, event: EventRow): void => {
    if (key !== null) for (const listener of waiting.get(key) ?? []) listener(event)
  }
  const stop = log.onAppend((events) => {
    if (waiting.size === 0) return
    for (const event of events) {
      tell(event.reference, event)
      tell(event.correlator, event)
    }
  })

  async function until(key: string, { match, timeoutMs, signal }: WaitFor): Promise<EventRow> {
    const done = new AbortController()
    const { promise, resolve } = Promise.withResolvers<EventRow>()
    const listener = (event: EventRow): void => {
      if (match(event)) resolve(event)
    }
    const listeners = waiting.get(key) ?? new Set()
    waiting.set(key, listeners.add(listener))
    const timeout = world.sleep(timeoutMs, AbortSignal.any([done.signal, signal])).then(
      () => undefined,
      () => undefined,
    )
    try {
      const event = await Promise.race([promise, timeout])
      if (!event) throw new NodeError('FF10260', { seconds: timeoutMs / 1000, id: key })
      return event
    } finally {
      done.abort()
      listeners.delete(listener)
      if (listeners.size === 0) waiting.delete(key)
    }
  }
  return { until, [Symbol.dispose]: stop }
}
