import type { EventLog } from '../events/log.ts'
import type { World } from '../lib/world.ts'
import type { Answer, Receiver, SubscriptionRef } from './delivery.ts'
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

/** Serves one subscription to one receiver until disposed. */
export function startDispatcher(options: DispatcherOptions): Dispatcher {
  return new Dispatching(options)
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
class Dispatching implements Dispatcher {
  readonly #options: DispatcherOptions
  /** Deliveries in flight, at most. */
  readonly #window: number
  /** Events in a delivery, at most. */
  readonly #size: number
  readonly #latch = createLatch()
  readonly #stop = new AbortController()
  readonly #stopped = Promise.withResolvers<void>()
  readonly #inFlight = new Set<Flight>()
  readonly #unlisten: () => void
  readonly #done: Promise<void>
  #pending: readonly EnrichedEvent[] = []
  /** Index of the first pending event not handed over. */
  #next = 0
  #position: number
  /** Grows with every nack: what was begun before it no longer counts. */
  #round = 0
  #retryMs = 0

  constructor(options: DispatcherOptions) {
    const { pace } = options
    this.#options = options
    this.#position = options.position
    this.#window = pace.batch ? 1 : 1 + pace.readAhead
    this.#size = pace.batch ? Math.max(1, pace.readAhead) : 1
    this.#unlisten = options.log.onAppend(this.#latch.set)
    this.#done = this.#run()
  }

  get offset(): number {
    const [oldest] = this.#inFlight
    const first = oldest?.first ?? this.#pending[this.#next]?.row.seq
    return first === undefined ? this.#position : first - 1
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#unlisten()
    this.#stop.abort()
    this.#stopped.resolve()
    this.#latch.set()
    await this.#done
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        await this.#once()
      } catch (error) {
        this.#options.onError(error)
        await this.#pause(FIRST_RETRY_MS)
      }
    }
  }

  async #once(): Promise<void> {
    const { pace } = this.#options
    const round = this.#round
    this.#latch.clear()
    if (this.#inFlight.size < this.#window) {
      if (pace.batch) await this.#gather()
      else if (this.#waiting === 0 && (await this.#fill())) this.#latch.set()
      await this.#send()
    }
    if (round !== this.#round) await this.#pause(this.#retryMs)
    else if (this.#waiting === 0 || this.#inFlight.size >= this.#window) await this.#latch.wait()
  }

  get #waiting(): number {
    return this.#pending.length - this.#next
  }

  /** Adds the next page's matching events to what is pending; false when the log has nothing newer. */
  async #fill(): Promise<boolean> {
    const { log, filter, enrich, onOffset } = this.#options
    const round = this.#round
    const rows = await log.read(this.#position, PAGE)
    const last = rows.at(-1)
    if (!last) return false
    const candidates = rows.filter((row) => filter.matchesRow(row))
    const enriched = candidates.length > 0 ? await enrich(candidates) : []
    if (round !== this.#round) return true
    const matching = enriched.filter((event) => filter.matchesFacts(event.facts))
    this.#pending = [...this.#pending.slice(this.#next), ...matching]
    this.#next = 0
    this.#position = last.seq
    onOffset()
    return true
  }

  /** Gathers a batch: full, or as many as came within the time since the first. */
  async #gather(): Promise<void> {
    const { pace, world } = this.#options
    const over = new AbortController()
    let late = false
    let timer: Promise<void> | undefined
    while (this.#waiting < this.#size && !late && !this.#stop.signal.aborted) {
      this.#latch.clear()
      if (await this.#fill()) continue
      if (this.#waiting === 0) break
      timer ??= world.sleep(pace.batchTimeoutMs, over.signal).then(
        () => {
          late = true
        },
        () => {},
      )
      await Promise.race([this.#latch.wait(), timer])
    }
    over.abort()
  }

  /** Hands over what fits. Waits only when the receiver asks for it. */
  async #send(): Promise<void> {
    while (this.#waiting > 0 && this.#inFlight.size < this.#window && !this.#stop.signal.aborted) {
      const events = this.#pending.slice(this.#next, this.#next + this.#size)
      const [first] = events
      if (!first) return
      this.#next += events.length
      const flight: Flight = { first: first.row.seq }
      this.#inFlight.add(flight)
      const rest = this.#deliver(events, flight)
      if (rest !== undefined) await rest
    }
  }

  #deliver(events: readonly EnrichedEvent[], flight: Flight): Promise<void> | undefined {
    const { pace, receiver, subscription, world } = this.#options
    const answer = this.#answerTo(flight)
    const failed = (error: unknown): void => {
      this.#options.onError(error)
      answer.nack()
    }
    const id = pace.batch ? world.uuid() : (events[0]?.row.id ?? '')
    try {
      const rest = receiver.deliver({ id, batch: pace.batch, subscription, events }, answer)
      return rest && Promise.race([rest.catch(failed), this.#stopped.promise])
    } catch (error) {
      failed(error)
      return undefined
    }
  }

  #answerTo(flight: Flight): Answer {
    return {
      signal: this.#stop.signal,
      ack: () => {
        if (!this.#inFlight.delete(flight)) return
        this.#retryMs = 0
        this.#options.onOffset()
        this.#latch.set()
      },
      nack: () => {
        if (this.#inFlight.has(flight)) this.#giveBack()
      },
    }
  }

  #giveBack(): void {
    this.#position = this.offset
    this.#pending = []
    this.#next = 0
    this.#inFlight.clear()
    this.#round++
    const longer = this.#retryMs === 0 ? FIRST_RETRY_MS : this.#retryMs * 2
    this.#retryMs = Math.min(longer, LAST_RETRY_MS)
    this.#latch.set()
  }

  async #pause(ms: number): Promise<void> {
    // The wait ends early when stopped.
    await this.#options.world.sleep(ms, this.#stop.signal).catch(() => {})
  }
}
