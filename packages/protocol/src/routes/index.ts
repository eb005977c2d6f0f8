import * as apis from './apis.ts'
import * as batches from './batches.ts'
import * as blockchainEvents from './blockchain-events.ts'
import * as charts from './charts.ts'
import * as contracts from './contracts.ts'
import * as data from './data.ts'
import * as datatypes from './datatypes.ts'
import * as events from './events.ts'
import * as flows from './flows.ts'
import * as groups from './groups.ts'
import * as identities from './identities.ts'
import * as messages from './messages.ts'
import * as namespaces from './namespaces.ts'
import * as network from './network.ts'
import * as operations from './operations.ts'
import * as pins from './pins.ts'
import * as processExchange from './process-exchange.ts'
import * as processes from './processes.ts'
import type { Route } from './route.ts'
import * as status from './status.ts'
import * as subscriptions from './subscriptions.ts'
import * as tasks from './tasks.ts'
import * as tokens from './tokens.ts'
import * as transactions from './transactions.ts'
import * as verifiers from './verifiers.ts'
import * as websockets from './websockets.ts'

export * from './apis.ts'
export * from './batches.ts'
export * from './blockchain-events.ts'
export * from './charts.ts'
export * from './contracts.ts'
export * from './data.ts'
export * from './datatypes.ts'
export * from './events.ts'
export * from './filters.ts'
export * from './flows.ts'
export * from './groups.ts'
export * from './identities.ts'
export * from './messages.ts'
export * from './namespaces.ts'
export * from './network.ts'
export * from './operations.ts'
export * from './pins.ts'
export * from './process-exchange.ts'
export * from './processes.ts'
export * from './route.ts'
export { HASH_PATTERN, UUID_PATTERN } from './schema.ts'
export * from './status.ts'
export * from './subscriptions.ts'
export * from './tasks.ts'
export * from './tokens.ts'
export * from './transactions.ts'
export * from './verifiers.ts'
export * from './websockets.ts'

/** Every operation of the REST API. */
export const routes: readonly Route[] = [
  ...Object.values(apis),
  ...Object.values(batches),
  ...Object.values(blockchainEvents),
  ...Object.values(charts),
  ...Object.values(contracts),
  ...Object.values(data),
  ...Object.values(datatypes),
  ...Object.values(events),
  ...Object.values(flows),
  ...Object.values(groups),
  ...Object.values(identities),
  ...Object.values(messages),
  ...Object.values(namespaces),
  ...Object.values(network),
  ...Object.values(operations),
  ...Object.values(pins),
  ...Object.values(processExchange),
  ...Object.values(processes),
  ...Object.values(status),
  ...Object.values(subscriptions),
  ...Object.values(tasks),
  ...Object.values(tokens),
  ...Object.values(transactions),
  ...Object.values(verifiers),
  ...Object.values(websockets),
]
