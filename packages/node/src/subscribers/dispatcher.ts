import type { EventLog } from '../events/log.ts'
import type { World } from '../lib/world.ts'
import type { Answer, Delivery, Receiver, SubscriptionRef } from './delivery.ts'
import type { Enrich, EnrichedEvent } from './enrich.ts'
import type { CompiledFilter } from './filter.ts'
import { createLatch } from './latch.ts'

/** How a subscription wants to be served. */
export interface Pace {
  /** Deliveries in flight beyond the first; in batch mode the most events in one batch. */
  readonly readAhead: number
  readonly batch: boolean
  /** How long a batch that isn't full waits for more, in milliseconds. */
  readonly batchTimeoutMs: number
}

export interface DispatcherOptions {
  readonly subscription: SubscriptionRef
  readonly filter: CompiledFilter
  readonly pace: Pace
  /** Delivers events with a greater `seq`. */
  readonly position: number
  readonly receiver: Receiver
  readonly log: Pick<EventLog, 'read' | 'onAppend'>
  readonly enrich: Enrich
  readonly world: Pick<World, 'sleep' | 'uuid'>
  /** Called when `offset` may have moved; cheap, called often. */
  readonly onOffset: () => void
  readonly onError: (error: unknown) => void
}

/** Serves one subscription to one receiver until disposed. */
export interface Dispatcher extends AsyncDisposable {
  /** Everything up to and including this `seq` was acknowledged or did not match. */
  readonly offset: number
}

const PAGE = 200
const FIRST_RETRY_MS = 250
const LAST_RETRY_MS = 30_000

interface Flight {
  readonly first: number
}

/**
 * Reads the log from `position` in pages (from the database while behind, from memory once caught up: the log keeps the
 * seam), drops what doesn't match, and hands the rest over.
 *
 *   read page ─▶ pending ─▶ in flight ─ack─▶ done        offset = just before the first event in flight or pending,
 *      ▲                        │                                 else the last one read
 *      └──── position := offset ┴─nack (and a pause)
 *
 * Memory is bounded by one page pending and 1 + readAhead deliveries in flight.
 */
export function startDispatcher(options: DispatcherOptions): Dispatcher {
  const { filter, pace, receiver, log, enrich, world } = options
  const latch = createLatch()
  const stop = new AbortController()
  const stopped = Promise.withResolvers<void>()
  const window = pace.batch ? 1 : 1 + pace.readAhead
  const batchSize = pace.batch ? Math.max(1, pace.readAhead) : 1
  const inFlight = new Set<Flight>()
  let pending: readonly EnrichedEvent[] = []
  let next = 0
  let position = options.position
  /** Grows with every nack: what was started before it no longer counts. */
  let round = 0
  let retryMs = 0

  const offset = (): number => {
    const [oldest] = inFlight
    const first = oldest?.first ?? pending[next]?.row.seq
    return first === undefined ? position : first - 1
  }

  const giveBack = (): void => {
    position = offset()
    pending = []
    next = 0
    inFlight.clear()
    round++
    retryMs = Math.min(retryMs === 0 ? FIRST_RETRY_MS : retryMs * 2, LAST_RETRY_MS)
    latch.set()
  }

  /** Adds the next page's matching events to `pending`; false when the log has nothing newer. */
  const fill = async (): Promise<boolean> => {
    const before = round
    const rows = await log.read(position, PAGE)
    const last = rows.at(-1)
    if (!last) return false
    const candidates = rows.filter((row) => filter.matchesRow(row))
    const enriched = candidates.length > 0 ? await enrich(candidates) : []
    if (before !== round) return true
    pending = [
      ...pending.slice(next),
      ...enriched.filter((event) => filter.matchesFacts(event.facts)),
    ]
    next = 0
    position = last.seq
    options.onOffset()
    return true
  }

  const answerTo = (flight: Flight): Answer => ({
    signal: stop.signal,
    ack() {
      if (!inFlight.delete(flight)) return
      retryMs = 0
      options.onOffset()
      latch.set()
    },
    nack() {
      if (inFlight.has(flight)) giveBack()
    },
  })

  /** Hands over what fits. Waits only when the receiver asks for it. */
  const send = async (): Promise<void> => {
    while (next < pending.length && inFlight.size < window && !stop.signal.aborted) {
      const events = pending.slice(next, next + batchSize)
      const [first] = events
      if (!first) return
      next += events.length
      const flight: Flight = { first: first.row.seq }
      inFlight.add(flight)
      const answer = answerTo(flight)
      try {
        const rest = receiver.deliver(toDelivery(events), answer)
        if (rest) await Promise.race([rest, stopped.promise])
      } catch (error) {
        options.onError(error)
        answer.nack()
      }
    }
  }

  const toDelivery = (events: readonly EnrichedEvent[]): Delivery => ({
    id: pace.batch ? world.uuid() : (events[0]?.row.id ?? ''),
    batch: pace.batch,
    subscription: options.subscription,
    events,
  })

  /** Gathers a batch: full, or as many as came within the time since the first. */
  const gather = async (): Promise<void> => {
    const over = new AbortController()
    const onStop = (): void => over.abort()
    stop.signal.addEventListener('abort', onStop, { once: true })
    let late = false
    let timer: Promise<void> | undefined
    while (pending.length - next < batchSize && !late && !stop.signal.aborted) {
      latch.clear()
      if (await fill()) continue
      if (next >= pending.length) break
      timer ??= world.sleep(pace.batchTimeoutMs, over.signal).then(
        () => {
          late = true
        },
        () => {},
      )
      await Promise.race([latch.wait(), timer])
    }
    stop.signal.removeEventListener('abort', onStop)
    over.abort()
  }

  const once = async (): Promise<void> => {
    latch.clear()
    const before = round
    if (inFlight.size < window) {
      if (pace.batch) await gather()
      else if (next >= pending.length && (await fill())) latch.set()
      await send()
    }
    if (before !== round) await pause(world, retryMs, stop.signal)
    else if (next >= pending.length || inFlight.size >= window) await latch.wait()
  }

  const loop = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      try {
        await once()
      } catch (error) {
        options.onError(error)
        await pause(world, FIRST_RETRY_MS, stop.signal)
      }
    }
  }

  const unlisten = log.onAppend(latch.set)
  const done = loop()
  return {
    get offset() {
      return offset()
    },
    async [Symbol.asyncDispose]() {
      unlisten()
      stop.abort()
      stopped.resolve()
      latch.set()
      await done
    },
  }
}

async function pause(world: Pick<World, 'sleep'>, ms: number, signal: AbortSignal): Promise<void> {
  try {
    await world.sleep(ms, signal)
  } catch {
    // Stopped.
  }
}
