import { NodeError } from '@concordat/protocol'
import type { Route } from '@concordat/protocol/routes'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Namespace, Wait } from '../namespace.ts'
import type { Dated } from './deadlines.ts'
import { hasFlag, parseQuery, type Query } from './query.ts'

/** Time a wait leaves for its answer to be written before the request as a whole is over, in milliseconds. */
const GRACE_MS = 500

const REST = /:(\w+)\*$/

/** One request under way: what handlers ask of it, made when asked for. */
export class OpenCall implements Dated, Wait {
  readonly route: Route
  readonly request: FastifyRequest
  readonly deadline: number
  readonly timeoutMs: number
  readonly started: number
  /** Set before the handler runs, for routes of a namespace. */
  found: Namespace | undefined
  body: unknown
  /** Who is signed in; undefined where nobody has to. */
  user: string | undefined
  readonly #reply: FastifyReply
  readonly #fail: (reply: FastifyReply, error: unknown) => void
  #query: Query | undefined
  #ending: AbortController | undefined

  constructor(
    route: Route,
    request: FastifyRequest,
    reply: FastifyReply,
    time: { readonly now: number; readonly timeoutMs: number },
    fail: (reply: FastifyReply, error: unknown) => void,
  ) {
    this.route = route
    this.request = request
    this.#reply = reply
    this.started = time.now
    this.timeoutMs = time.timeoutMs
    this.deadline = time.now + time.timeoutMs + (this.confirm ? GRACE_MS : 0)
    this.#fail = fail
  }

  get namespace(): Namespace {
    if (!this.found) throw new Error(`route ${this.route.id} is not one of a namespace`)
    return this.found
  }

  /** Path parameters; what `*` stands for goes by the name that the route has for it. */
  get params(): unknown {
    const rest = REST.exec(this.route.path)?.[1]
    const params = this.request.params as Record<string, string>
    return rest === undefined ? params : { ...params, [rest]: params['*'] }
  }

  get query(): Query {
    this.#query ??= parseQuery(this.request.raw.url ?? '')
    return this.#query
  }

  get wait(): Wait {
    return this
  }

  get confirm(): boolean {
    return hasFlag(this.query, 'confirm')
  }

  /** Aborts when the caller hangs up, or the time is over. */
  get signal(): AbortSignal {
    if (!this.#ending) {
      const ending = new AbortController()
      this.#ending = ending
      const { raw } = this.#reply
      raw.once('close', () => {
        if (!raw.writableFinished) ending.abort(new NodeError('FF00166'))
      })
    }
    return this.#ending.signal
  }

  /** The time is over: says so, whatever the handler still does. */
  expire(): void {
    const error = new NodeError('FF00166')
    this.#ending?.abort(error)
    this.#fail(this.#reply, error)
  }
}
