import type * as all from '@concordat/protocol/routes'
import type { Call, Reply, Route } from '@concordat/protocol/routes'
import type { CallOptions } from './client.ts'

type Exports = typeof all

type RouteName = {
  [K in keyof Exports]: Exports[K] extends Route ? K : never
}[keyof Exports]

/** A call that needs nothing may be left out. */
type Args<R extends Route> =
  Record<never, never> extends Call<R>
    ? [call?: Call<R>, options?: CallOptions]
    : [call: Call<R>, options?: CallOptions]

/** A function for each operation: a route is exported under its id. */
export type Api = {
  readonly [K in RouteName]: Exports[K] extends infer R extends Route
    ? (...args: Args<R>) => Promise<Reply<R>>
    : never
}
