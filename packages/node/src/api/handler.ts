import type { Readable } from 'node:stream'
import type { RawJson, WebSocketStatus } from '@concordat/protocol'
import type { Input, Route } from '@concordat/protocol/routes'
import type { FastifyRequest } from 'fastify'
import type { Static } from 'typebox'
import type { World } from '../lib/world.ts'
import type { Namespace, Wait } from '../namespace.ts'
import type { Query } from './query.ts'

/** What all handlers share. */
export interface ApiContext {
  readonly world: Pick<World, 'now'>
  readonly namespaces: () => Iterable<Namespace>
  readonly getNamespace: (name: string) => Namespace | undefined
  readonly webSocketStatus: () => WebSocketStatus
  /** Where callers find the node; empty for where they found it. */
  readonly publicURL: string
  readonly limits: ListLimits & {
    /** The largest blob taken, in bytes. */
    readonly maxBlobSize: number
    /** Rows counted for one bar of a chart. */
    readonly maxChartRows: number
  }
}

export interface ListLimits {
  readonly defaultLimit: number
  readonly maxLimit: number
}

/** A call as it comes to a handler: its body judged, its namespace found. */
export interface AnyCall {
  /** Throws on a route that is not of a namespace. */
  readonly namespace: Namespace
  readonly params: unknown
  readonly query: Query
  readonly body: unknown
  /** Who is signed in; undefined where nobody has to. */
  readonly user: string | undefined
  readonly wait: Wait
  readonly request: FastifyRequest
}

export interface HandlerCall<R extends Route> extends AnyCall {
  readonly params: Input<R, 'params'>
  readonly body: Input<R, 'body'>
}

/** A page of a list; with `total` when it was asked for. */
export class ListReply {
  readonly items: readonly unknown[]
  readonly total: number | undefined

  constructor(items: readonly unknown[], total?: number) {
    this.items = items
    this.total = total
  }
}

/** Bytes, streamed. */
export class BytesReply {
  readonly content: Readable
  readonly headers: Readonly<Record<string, string>>

  constructor(content: Readable, headers: Readonly<Record<string, string>>) {
    this.content = content
    this.headers = headers
  }
}

/** Text of a content type. */
export class TextReply {
  readonly text: string
  readonly type: string

  constructor(text: string, type: string) {
    this.text = text
    this.type = type
  }
}

/** A result whose status is not that of its route. */
export class StatusReply<T> {
  readonly status: number
  readonly result: T

  constructor(status: number, result: T) {
    this.status = status
    this.result = result
  }
}

export type Result<R extends Route> =
  | Static<R['reply']>
  | RawJson
  | ListReply
  | BytesReply
  | TextReply
  | StatusReply<Static<R['reply']>>

/** A route with what answers it. */
export interface Mounted {
  readonly route: Route
  run(call: AnyCall, context: ApiContext): Promise<unknown>
}

export const handle = <R extends Route>(
  route: R,
  run: (call: HandlerCall<R>, context: ApiContext) => Promise<Result<R>>,
): Mounted => ({ route, run: run as Mounted['run'] })
