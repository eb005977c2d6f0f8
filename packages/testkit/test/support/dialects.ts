import { forEachDialect } from '../../../node/src/store/testing.ts'
import { type Network, type NetworkOptions, startNetwork } from '../../src/network.ts'

/** Describes `body` once per dialect: with parties on SQLite files, and with parties on databases of a real Postgres. */
export function onEachDialect(
  body: (start: (options: NetworkOptions) => Promise<Network>) => void,
): void {
  forEachDialect((dialect, create) =>
    body((options) =>
      startNetwork({
        ...options,
        ...(dialect === 'postgres' && { databaseUrl: async () => (await create()).place }),
      }),
    ),
  )
}
