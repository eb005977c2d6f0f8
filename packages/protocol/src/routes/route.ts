import type { Static, TSchema } from 'typebox'
import type { Plain } from '../json/raw-json.ts'
import type { Collection } from './filters.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** One REST operation, described once: the server validates with it, the SDK is typed by it, the documents come from it. */
export interface Route {
  /** Unique; FireFly's operation id where it has the operation. */
  readonly id: string
  readonly method: Method
  /** Below `/api/v1` and `/api/v1/namespaces/{ns}`; `:name` is one segment, a last `:name*` the rest of the path. */
  readonly path: string
  readonly resource: string
  readonly summary: string
  readonly status: number
  /** The status instead, with `?confirm`. */
  readonly confirmed?: number
  /** Not below a namespace. */
  readonly global?: true
  /** What a namespace must have for this operation. */
  readonly requires?: 'multiparty' | 'tokens' | 'contracts'
  readonly params?: TSchema
  readonly query?: TSchema
  /** The list's filter fields and paging are those of this collection. */
  readonly filter?: Collection
  readonly body?: TSchema
  /** A body to begin with: it can be sent as it is, or needs little. */
  readonly example?: object
  /** The body may be left out. */
  readonly bodyOptional?: true
  /** Where users' own JSON stands in the body: kept as text. `*` is any element of an array. */
  readonly raw?: readonly string[]
  /** Takes `multipart/form-data` besides JSON. */
  readonly multipart?: true
  /** Takes YAML besides JSON. */
  readonly yaml?: true
  /** Takes JSON Lines and CSV besides JSON, as a stream that its handler reads. */
  readonly lines?: true
  readonly reply: TSchema
  /** How the reply is written, when not as the JSON of `reply`. */
  readonly writes?: 'bytes' | 'text' | 'nothing'
  /** Content types of a reply that is text, the first by default. */
  readonly media?: readonly string[]
}

/** A route's part as the server holds it: users' JSON as text. */
export type Input<R extends Route, K extends 'params' | 'body'> = R extends {
  readonly [P in K]: infer S extends TSchema
}
  ? Static<S>
  : undefined

type Part<R extends Route, K extends 'params' | 'body'> = R extends {
  readonly [P in K]: infer S extends TSchema
}
  ? { readonly [P in K]: Plain<Static<S>> }
  : { readonly [P in K]?: undefined }

/** What a caller gives. */
export type Call<R extends Route> = Part<R, 'params'> & Part<R, 'body'> & QueryPart<R>
type QueryPart<R extends Route> = R extends { readonly query: infer S extends TSchema }
  ? { readonly query?: Static<S> }
  : { readonly query?: undefined }

/** What a caller gets. */
export type Reply<R extends Route> = Plain<Static<R['reply']>>

export const defineRoute = <const R extends Route>(route: R): R => route
