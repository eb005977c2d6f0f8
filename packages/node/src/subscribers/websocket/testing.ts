import type { SubscriptionOptions } from '@concordat/protocol'
import { migrate } from '../../store/migrate.ts'
import { openSqlite } from '../../store/sqlite.ts'
import { startTestSockets, startTestSubscribers } from '../testing.ts'

/** An empty database in memory. */
export const openDatabase = async () => {
  const database = await openSqlite({ file: ':memory:' })
  await migrate(database, { auto: true, now: '2024-01-01T00:00:00.000000000Z' })
  return database
}

/** A namespace `default`, and WebSockets that serve it. */
export async function startServer(
  options: Parameters<typeof startTestSockets>[0] | object = {},
  authorize?: Parameters<typeof startTestSockets>[1],
) {
  const database = await openDatabase()
  const node = await startTestSubscribers(database)
  const subscribers = (name: string) => (name === 'default' ? node.subscribers : undefined)
  const server = await startTestSockets({ subscribers, ...options }, authorize)
  return {
    database,
    node,
    server,
    url: server.url,
    create: (name: string, wanted: SubscriptionOptions = {}) =>
      node.subscribers.subscriptions.create({ name, options: { firstEvent: 'oldest', ...wanted } }),
    /** Resolves when the one connection serves `count` subscriptions. */
    async started(count: number) {
      while (server.sockets.status().connections[0]?.subscriptions.length !== count) {
        await node.world.sleep(1)
      }
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
      await node[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
    },
  }
}
