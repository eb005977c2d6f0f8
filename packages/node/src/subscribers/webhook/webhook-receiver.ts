import {
  formatTime,
  type Message,
  NodeError,
  parseDuration,
  type Subscription,
  type SubscriptionOptions,
} from '@concordat/protocol'
import type { Dispatcher } from 'undici'
import type { Answer, Delivery } from '../delivery.ts'
import { createLatch } from '../latch.ts'
import type { OpenReceiver, Pause, TransportContext } from '../transport.ts'
import { AnswerTooLong, call, type WebhookAnswer } from './call.ts'
import { toReply, unreachable } from './reply.ts'
import { toRequest, type WebhookRequest } from './request.ts'
import { parseSecret, signatureHeaders } from './signature.ts'
import { forgetTries, triedSince } from './tried-since.ts'

export interface WebhookSettings {
  /** Milliseconds for one call. */
  readonly requestTimeoutMs: number
  /** How long a target that doesn't answer 2xx is tried before its subscription pauses, in milliseconds. */
  readonly retryForMs: number
  /** Bytes of the longest answer taken into a reply. */
  readonly maxAnswer: number
  /** Signs for subscriptions that bring no secret: `whsec_` and base64. */
  readonly secret: string | undefined
}

/** When the position moves on: after a 2xx answer, after the tries that the options allow, or before the call. */
type ConfirmationMode = 'assured' | 'besteffort' | 'fastack'

type Outcome =
  | { readonly kind: 'answered'; readonly answer: WebhookAnswer; readonly replyTx?: string }
  | { readonly kind: 'failed'; readonly reason: string; readonly replyTx?: string }

/** Calls of a `fastack` subscription that may be under way at once. */
const MAX_PARALLEL = 10

/**
 * Calls one subscription's target, one delivery after another (in `fastack` mode some at once).
 *
 *   calling ─2xx─▶ acknowledged          assured only:
 *      │  ▲                               retryForMs over ─▶ paused ─resume─▶ calling
 *      └──┘ back-off                                           └───skip──▶ acknowledged
 *
 * Since when a target is tried with an event is kept over a restart: one that was paused is tried once, and paused again.
 */
export class WebhookReceiver implements OpenReceiver {
  readonly #subscription: Subscription
  readonly #options: SubscriptionOptions
  readonly #mode: ConfirmationMode
  readonly #settings: WebhookSettings
  readonly #context: TransportContext
  readonly #agent: Dispatcher
  readonly #secret: Uint8Array | undefined
  readonly #stop = new AbortController()
  readonly #parallel = new Set<Promise<void>>()
  readonly #decided = createLatch()
  #decision: 'resume' | 'skip' | undefined
  #paused: Pause | undefined

  constructor(
    subscription: Subscription,
    agent: Dispatcher,
    settings: WebhookSettings,
    context: TransportContext,
  ) {
    this.#subscription = subscription
    this.#options = subscription.options
    this.#mode = subscription.options.fastack
      ? 'fastack'
      : (subscription.options.confirmationMode ?? 'assured')
    this.#agent = agent
    this.#settings = settings
    this.#context = context
    this.#secret = parseSecret(subscription.options.secret ?? settings.secret ?? '')
  }

  deliver(delivery: Delivery, answer: Answer): undefined | Promise<void> {
    if (this.#mode !== 'fastack') return this.#serve(delivery, answer)
    answer.ack()
    const running = this.#serve(delivery, answer).catch((error: unknown) => {
      this.#context.logger.warn({ error, subscription: this.#subscription.name }, 'call given up')
    })
    const tracked = running.finally(() => this.#parallel.delete(tracked))
    this.#parallel.add(tracked)
    return this.#parallel.size < MAX_PARALLEL ? undefined : Promise.race(this.#parallel)
  }

  paused(): Pause | undefined {
    return this.#paused
  }

  resume(): void {
    this.#decide('resume')
  }

  skip(): void {
    this.#decide('skip')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await Promise.all(this.#parallel)
    await this.#agent.destroy()
  }

  #decide(decision: 'resume' | 'skip'): void {
    if (!this.#paused) return
    this.#decision = decision
    this.#decided.set()
  }

  async #serve(delivery: Delivery, answer: Answer): Promise<void> {
    const signals = this.#mode === 'fastack' ? [] : [answer.signal]
    const signal = AbortSignal.any([this.#stop.signal, ...signals])
    const message = delivery.batch ? undefined : delivery.events[0]?.message
    const replies = this.#options.reply && this.#mode !== 'fastack'
    // A reply is never replied to, or two hooks would talk for ever.
    if (this.#options.reply && message?.header.cid) {
      answer.ack()
      return
    }
    const outcome = await this.#untilDone(delivery, signal)
    if (signal.aborted || !outcome) return
    if (message && replies && outcome !== 'skipped') await this.#reply(delivery, message, outcome)
    answer.ack()
  }

  async #reply(delivery: Delivery, message: Message, outcome: Outcome): Promise<void> {
    const reply = outcome.kind === 'answered' ? outcome.answer : unreachable(outcome.reason)
    const idempotencyKey = `webhook-${this.#subscription.id}-${delivery.id}`
    const { replyTx } = outcome
    await this.#sendReply(toReply(message, reply, this.#options, { replyTx, idempotencyKey }))
  }

  /** Tries until the target has answered or may be given up. Undefined when stopped. */
  async #untilDone(
    delivery: Delivery,
    signal: AbortSignal,
  ): Promise<Outcome | 'skipped' | undefined> {
    const { world } = this.#context
    const policy = retryPolicy(this.#options, this.#mode)
    let since: number | undefined
    let delay = policy.initialDelayMs
    for (let tried = 0; !signal.aborted; tried++) {
      const outcome = await this.#try(delivery, signal)
      if (outcome.kind === 'answered' || tried >= policy.retries) return outcome
      since ??= await this.#triedSince(delivery)
      if (this.#mode === 'assured' && world.now() - since >= this.#settings.retryForMs) {
        const decision = await this.#pause(delivery, outcome.reason, signal)
        if (decision === undefined) return undefined
        await this.#context.database.transaction((tx) => forgetTries(tx, this.#subscription.id))
        if (decision === 'skip') return 'skipped'
        since = undefined
        delay = policy.initialDelayMs
        continue
      }
      await world.sleep(delay, signal).catch(() => {})
      delay = Math.min(delay * 2, policy.maxDelayMs)
    }
    return undefined
  }

  #triedSince({ events: [first] }: Delivery): Promise<number> {
    const { database, world } = this.#context
    const subscription = this.#subscription.id
    return triedSince(database, { subscription, event: first?.row.id ?? '', now: world.now() })
  }

  async #pause(
    delivery: Delivery,
    reason: string,
    signal: AbortSignal,
  ): Promise<'resume' | 'skip' | undefined> {
    const row = delivery.events[0]?.row
    const since = formatTime(this.#context.world.now())
    this.#paused = { since, reason, event: row?.id ?? '', sequence: row?.seq ?? 0 }
    this.#context.logger.warn({ subscription: this.#subscription.name, reason }, 'webhook paused')
    this.#decision = undefined
    this.#decided.clear()
    const wake = (): void => this.#decided.set()
    signal.addEventListener('abort', wake, { once: true })
    if (!signal.aborted) await this.#decided.wait()
    signal.removeEventListener('abort', wake)
    this.#paused = undefined
    return this.#decision
  }

  async #try(delivery: Delivery, signal: AbortSignal): Promise<Outcome> {
    let replyTx: string | undefined
    try {
      const request = toRequest(this.#options, delivery, await this.#values(delivery))
      replyTx = request.replyTx
      const answer = await this.#call(delivery, request, signal)
      const isAnswer = this.#options.reply || (answer.status >= 200 && answer.status < 300)
      if (isAnswer) return { kind: 'answered', answer, ...(replyTx && { replyTx }) }
      return { kind: 'failed', reason: `HTTP ${answer.status}` }
    } catch (error) {
      const reason = describe(error)
      if (error instanceof AnswerTooLong) return { kind: 'answered', answer: unreachable(reason) }
      return { kind: 'failed', reason, ...(replyTx && { replyTx }) }
    }
  }

  async #call(
    delivery: Delivery,
    request: WebhookRequest,
    signal: AbortSignal,
  ): Promise<WebhookAnswer> {
    const { requestTimeout } = this.#options.httpOptions ?? {}
    const now = this.#context.world.now()
    return await call(request, {
      agent: this.#agent,
      headers: signatureHeaders(delivery.id, now, request.body ?? '', this.#secret),
      timeoutMs: requestTimeout ? parseDuration(requestTimeout) : this.#settings.requestTimeoutMs,
      maxAnswer: this.#options.reply ? this.#settings.maxAnswer : 0,
      signal,
      world: this.#context.world,
    })
  }

  /** The JSON texts of the message's values, in the message's order. */
  async #values(delivery: Delivery): Promise<readonly string[]> {
    const refs = delivery.batch ? [] : (delivery.events[0]?.message?.data ?? [])
    if (this.#options.withData === false || refs.length === 0) return []
    const rows = await this.#context.database.read
      .selectFrom('data')
      .select(['id', 'value'])
      .where('namespace', '=', this.#context.namespace)
      .where(
        'id',
        'in',
        refs.map((ref) => ref.id),
      )
      .execute()
    const values = new Map(rows.map((row) => [row.id, row.value]))
    return refs.flatMap(({ id }) => values.get(id) ?? [])
  }

  /** A key of its own makes a second reply to the same event a known one, also after a crash. */
  async #sendReply(reply: Parameters<TransportContext['sendReply']>[0]): Promise<void> {
    try {
      await this.#context.sendReply(reply)
    } catch (error) {
      if (!(error instanceof NodeError) || error.retryable || error.status >= 500) throw error
      if (error.code === 'FF10430') return
      const { name } = this.#subscription
      this.#context.logger.warn({ subscription: name, code: error.code }, 'reply refused')
    }
  }
}

function retryPolicy(
  { retry }: SubscriptionOptions,
  mode: ConfirmationMode,
): { readonly retries: number; readonly initialDelayMs: number; readonly maxDelayMs: number } {
  const assured = mode === 'assured'
  const counted = retry?.enabled ? (retry.count ?? 5) : 0
  return {
    retries: assured ? Number.POSITIVE_INFINITY : counted,
    initialDelayMs: Math.max(1, parseDuration(retry?.initialDelay ?? '250ms')),
    maxDelayMs: Math.max(1, parseDuration(retry?.maxDelay ?? (assured ? '5m' : '30s'))),
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.message || error.name
}
