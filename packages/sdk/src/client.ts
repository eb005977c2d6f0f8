import {
  type Call,
  getStatus,
  postData,
  type Reply,
  type Route,
  routes,
} from '@concordat/protocol/routes'
import type { Api } from './api.ts'
import { toApiError } from './api-error.ts'
import { type EventStream, openEventStream, type StreamOptions } from './event-stream.ts'
import { createFlows, type Flows } from './flows.ts'
import { toForm, type UploadFields } from './form.ts'
import { createProcesses, type Processes } from './processes.ts'
import { toUrl } from './url.ts'

export interface ClientOptions {
  /** Local name of the namespace to work in; `default` if absent. */
  readonly namespace?: string
  /** Sent with each request as HTTP Basic credentials. */
  readonly auth?: { readonly user: string; readonly password: string }
}

export interface CallOptions {
  /** Gives the call up. */
  readonly signal?: AbortSignal
}

/** Some items of a list, and how many there are. */
export interface Page<T> {
  readonly count: number
  readonly total: number
  readonly items: readonly T[]
}

type Lists = Route & { readonly reply: { readonly items: unknown } }
type Item<R extends Route> = Reply<R> extends readonly (infer T)[] ? T : never

/** Calls an operation by its route. */
export type Caller = <R extends Route>(
  route: R,
  call: Call<NoInfer<R>>,
  options?: CallOptions,
) => Promise<Reply<R>>

/** One party's node, as a program talks to it. Each call rejects with an `ApiError` when the node refuses. */
export interface Client {
  /** Each operation of the API by its id. */
  readonly api: Api
  /** An operation by its route. */
  readonly call: Caller
  /** Process definitions: proposed, adopted, shown. */
  readonly flows: Flows
  /** Processes, and their steps. */
  readonly processes: Processes
  /** A list with its total. */
  page<R extends Lists>(
    route: R,
    call: Call<NoInfer<R>>,
    options?: CallOptions,
  ): Promise<Page<Item<R>>>
  /** Uploads a blob; a file from `openAsBlob` is streamed. */
  upload(file: Blob, fields?: UploadFields, options?: CallOptions): Promise<Reply<typeof postData>>
  /** Events of a subscription, or with `ephemeral` of a filter, from its position on. */
  events(start: StreamOptions): EventStream
}

/** A client of the node at `baseUrl`, such as `http://127.0.0.1:5000`. It connects when it is used, and holds nothing open. */
export function createClient(baseUrl: string, options: ClientOptions = {}): Client {
  const { namespace = 'default', auth } = options
  const base = baseUrl.replace(/\/+$/, '')
  const headers: Readonly<Record<string, string>> = auth
    ? { authorization: `Basic ${toBase64(`${auth.user}:${auth.password}`)}` }
    : {}

  async function send(
    route: Route,
    parts: Parts,
    { signal }: CallOptions = {},
    form?: FormData,
  ): Promise<unknown> {
    const { type, body } = toBody(route, parts.body)
    const response = await fetch(toUrl(base, route, namespace, parts), {
      method: route.method,
      headers: { ...headers, ...(!form && type && { 'content-type': type }) },
      ...(body !== undefined && { body: form ?? body }),
      ...(signal && { signal }),
    })
    if (!response.ok) throw toApiError(response.status, await response.text())
    if (route.writes === 'bytes') return new Uint8Array(await response.arrayBuffer())
    const text = await response.text()
    if (route.writes === 'text') return text
    return text === '' ? undefined : JSON.parse(text)
  }

  // The node writes its replies by the same schemas (route.reply).
  const call: Client['call'] = (route, parts, callOptions) =>
    send(route, parts, callOptions) as Promise<Reply<typeof route>>
  const api = Object.fromEntries(
    routes.map((route) => [
      route.id,
      (parts: Parts = {}, callOptions?: CallOptions) => send(route, parts, callOptions),
    ]),
  )
  const events: Client['events'] = (start) =>
    openEventStream(start, {
      url: `${base.replace(/^http/, 'ws')}/ws`,
      namespace,
      headers,
      check: async (signal) => void (await call(getStatus, {}, { signal })),
    })
  return {
    api: api as unknown as Api,
    call,
    page: async (route, parts, callOptions) => {
      const counted = { ...parts, query: { ...(parts as Parts).query, count: true } }
      return (await send(route, counted, callOptions)) as Page<Item<typeof route>>
    },
    upload: async (file, fields = {}, callOptions) =>
      (await send(postData, {}, callOptions, toForm(file, fields))) as Reply<typeof postData>,
    events,
    flows: createFlows(call),
    processes: createProcesses({ call, events }),
  }
}

/** A text for a route that takes YAML is sent as it is: JSON is YAML, too. */
function toBody(route: Route, body: unknown): { type?: string; body?: string } {
  if (!route.body) return {}
  if (route.yaml && typeof body === 'string') return { type: 'application/yaml', body }
  return { type: 'application/json', body: JSON.stringify(body ?? {}) }
}

interface Parts {
  readonly params?: Readonly<Record<string, unknown>> | undefined
  readonly query?: Readonly<Record<string, unknown>> | undefined
  readonly body?: unknown
}

/** Of its UTF-8 bytes. */
const toBase64 = (text: string): string =>
  btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(''))
