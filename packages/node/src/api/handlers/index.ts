import type { Mounted } from '../handler.ts'
import { batchHandlers } from './batches.ts'
import { chartHandlers } from './charts.ts'
import { dataHandlers } from './data.ts'
import { datatypeHandlers } from './datatypes.ts'
import { eventHandlers } from './events.ts'
import { flowHandlers } from './flows.ts'
import { groupHandlers } from './groups.ts'
import { identityHandlers } from './identities.ts'
import { messageHandlers } from './messages.ts'
import { networkHandlers } from './network.ts'
import { operationHandlers } from './operations.ts'
import { pluginHandlers } from './plugins.ts'
import { processExchangeHandlers } from './process-exchange.ts'
import { processHandlers } from './processes.ts'
import { statusHandlers } from './status.ts'
import { subscriptionHandlers } from './subscriptions.ts'
import { taskHandlers } from './tasks.ts'
import { verifierHandlers } from './verifiers.ts'

/** Every route with its handler. */
export const handlers: readonly Mounted[] = [
  ...messageHandlers,
  ...dataHandlers,
  ...datatypeHandlers,
  ...batchHandlers,
  ...eventHandlers,
  ...groupHandlers,
  ...identityHandlers,
  ...networkHandlers,
  ...operationHandlers,
  ...statusHandlers,
  ...subscriptionHandlers,
  ...verifierHandlers,
  ...flowHandlers,
  ...processExchangeHandlers,
  ...processHandlers,
  ...taskHandlers,
  ...chartHandlers,
  ...pluginHandlers,
]
