import type { Intake } from '../aggregator/intake.ts'
import type { Receiver } from '../aggregator/receiver.ts'
import { AsyncStack } from '../lib/async-stack.ts'
import type { Namespace } from '../namespace.ts'
import type { Operations } from '../operations/operations.ts'
import { assertNoneSkipped } from '../processes/no-spine.ts'
import type { Subscribers } from '../subscribers/subscribers.ts'
import type { ArrivedBlob } from './arrived-blob.ts'
import { startDeciding } from './deciding.ts'
import { startDelivering } from './delivering.ts'
import { createEngines } from './engines.ts'
import { layFoundation, type NamespaceParts } from './foundation.ts'
import { startInbox } from './inbox.ts'
import { startMissingBatches } from './missing-batches.ts'
import { createStatus } from './namespace-status.ts'
import { startProcessWork } from './process-work.ts'
import { startReading } from './reading.ts'
import { startSending } from './sending.ts'

/** A namespace that serves callers. */
export interface RunningNamespace extends Namespace, AsyncDisposable {
  readonly subscribers: Subscribers
}

/** A namespace of a network, with everything that runs for it. */
export interface NamespaceRuntime extends RunningNamespace {
  readonly receiver: Receiver
  readonly intake: Intake
  readonly operationRows: Operations
  /** Our id on the exchange, `peerId/nodeName`. */
  peerId(): string
  blobArrived(blob: ArrivedBlob): Promise<void>
}

/** Puts one namespace of a network together, and starts it. Everything is disposed in reverse. */
export async function startNamespace(parts: NamespaceParts): Promise<NamespaceRuntime> {
  await using stack = new AsyncStack()
  let state: Namespace['state'] = { kind: 'ready' }

  const base = await layFoundation(parts)
  stack.use(base.waiters)
  if (base.settings.processes) await assertNoneSkipped(base)
  const deciding = startDeciding(base, stack)
  const sending = startSending(base, stack)
  const engines = createEngines(base, deciding, sending)
  stack.use(startMissingBatches(base, deciding))
  startProcessWork(base, { ...deciding, ...engines }, stack)
  const tasks = startInbox(base, { ...deciding, ...engines }, stack)
  const onStop = (reason: string): void => {
    state = { kind: 'stopped', reason }
  }
  const reading = stack.use(startReading(base, { ...deciding, ...sending, onStop }))
  const subscribers = stack.use(await startDelivering(base, engines.messages))

  const { namespace: name, networkName, settings, created, events, database, peerId } = base
  const owned = stack.move()
  return {
    name,
    networkName,
    description: settings.description,
    created,
    multiparty: true,
    get state() {
      return state
    },
    ...engines,
    tasks,
    ...createStatus(base, { ...deciding, ...sending, reading, subscribers }),
    subscriptions: subscribers.subscriptions,
    events,
    database,
    receiver: deciding.receiver,
    intake: deciding.intake,
    blobArrived: deciding.blobArrived,
    subscribers,
    operationRows: base.operations,
    peerId,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
