import type { NamespaceStatus } from '@concordat/protocol'
import type { Aggregator } from '../aggregator/aggregator.ts'
import type { Assembler } from '../batch/assembler.ts'
import type { Dispatcher } from '../batch/dispatcher.ts'
import type { Processor } from '../batch/processors.ts'
import type { NodeConfig } from '../config/config.ts'
import type { NamespaceConfig } from '../config/namespaces.ts'
import type { Namespace } from '../namespace.ts'
import type { Subscribers } from '../subscribers/subscribers.ts'
import { toBlockedTopics } from './blocked.ts'
import type { Foundation } from './foundation.ts'
import type { Reading } from './reading.ts'
import { toMultipartyStatus, toStatus } from './status.ts'

export interface Watched {
  readonly aggregator: Pick<Aggregator, 'blocked'>
  readonly assembler: Pick<Assembler, 'processors'>
  readonly dispatcher: Pick<Dispatcher, 'stuck'>
  readonly reading: Pick<Reading, 'undecided'>
  readonly subscribers: Pick<Subscribers, 'paused'>
}

type Status = Pick<Namespace, 'status' | 'batchManagerStatus' | 'multipartyStatus' | 'blocked'>

/** How a namespace is doing, as callers may ask. */
export function createStatus(
  { namespace, networkName, settings, created, ...base }: Foundation,
  { aggregator, assembler, dispatcher, reading, subscribers }: Watched,
): Status {
  const { multiparty, contracts, database, chain } = base
  const facts = {
    namespace: { name: namespace, networkName, description: settings.description, created },
    directory: base.directory,
    party: { org: multiparty.org, node: multiparty.node },
    plugins: pluginsOf(base.config, settings),
    contracts,
  }
  return {
    status: async () => toStatus(facts),
    batchManagerStatus: () => ({
      processors: [...assembler.processors.values()].map(toProcessorStatus),
    }),
    multipartyStatus: () => toMultipartyStatus(facts, database),
    blocked: () =>
      toBlockedTopics(
        namespace,
        {
          contexts: aggregator.blocked(),
          batches: dispatcher.stuck(),
          subscriptions: subscribers.paused(),
          silence: chain.silence(),
          undecided: reading.undecided(),
        },
        database,
      ),
  }
}

export function pluginsOf(
  { plugins, database }: NodeConfig,
  { plugins: used }: NamespaceConfig,
): NamespaceStatus['plugins'] {
  const named = (list: readonly { name: string; type: string }[], name: string | undefined) =>
    list
      .filter((plugin) => plugin.name === name)
      .map(({ type }) => ({ name: name ?? '', pluginType: type }))
  return {
    blockchain: named(plugins.blockchain, used.blockchain),
    database: [{ name: database.name, pluginType: database.type }],
    dataExchange: named(plugins.dataexchange, used.dataexchange),
    events: [{ pluginType: 'websockets' }, { pluginType: 'webhooks' }, { pluginType: 'system' }],
    identity: [],
    sharedStorage: named(plugins.sharedstorage, used.sharedstorage),
    tokens: [],
  }
}

const toProcessorStatus = ({ name, totalBatches, totalMessages }: Processor) => ({
  dispatcher: name.split('|')[0] ?? '',
  name: name.split('|').slice(1).join('|'),
  status: {
    lastFlushStartTime: null,
    cancelled: false,
    blocked: false,
    averageBatchBytes: 0,
    averageBatchMessages: totalBatches === 0 ? 0 : totalMessages / totalBatches,
    averageBatchData: 0,
    averageFlushTimeMS: 0,
    totalBatches,
    totalErrors: 0,
  },
})
