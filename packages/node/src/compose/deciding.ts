import { type Aggregator, startAggregator } from '../aggregator/aggregator.ts'
import { createDefinitionHandler } from '../aggregator/definitions.ts'
import { createIdentityDefinitions } from '../aggregator/identity-definitions.ts'
import { type Intake, startIntake } from '../aggregator/intake.ts'
import { createReceiver, type Receiver } from '../aggregator/receiver.ts'
import type { SettledPinHook } from '../aggregator/settled-pin.ts'
import { mayBeMembers } from '../aggregator/standing.ts'
import type { AsyncStack } from '../lib/async-stack.ts'
import { AwaitedDecisions } from '../processes/awaited-decisions.ts'
import { Flows } from '../processes/flows.ts'
import { Instances } from '../processes/instances.ts'
import { createNoSpine } from '../processes/no-spine.ts'
import { type Spine, type SpineDeps, startSpine } from '../processes/spine.ts'
import type { PinRow } from '../store/schema.ts'
import { type ArrivedBlob, writeBlob } from './arrived-blob.ts'
import { createBlobFetcher } from './blob-fetcher.ts'
import type { Foundation } from './foundation.ts'
import { type Inbox, prepareInbox } from './inbox.ts'
import { addPeer } from './peers.ts'
import { createOwnWork, type OwnWork } from './process-work.ts'

/** What takes in the network's agreed order, and what it orders. */
export interface Deciding {
  readonly aggregator: Aggregator
  readonly intake: Intake
  readonly receiver: Receiver
  readonly blobArrived: (blob: ArrivedBlob) => Promise<void>
  /** Asks for published blobs that are missing again, now. */
  readonly askForBlobs: () => void
  readonly spine: Spine
  readonly inbox: Inbox
  readonly ownWork: OwnWork
}

export function startDeciding(base: Foundation, stack: AsyncStack): Deciding {
  for (const node of base.directory.nodes()) addPeer(base, node)
  const inbox = prepareInbox(base)
  const ownWork = createOwnWork(base, inbox.bindings)
  const spine = stack.use(
    base.settings.processes
      ? startSpine(foldingOf(base, [ownWork.listener, inbox.listener]))
      : createNoSpine(base),
  )
  const aggregator = startRecogniser(base, spine.hook)
  stack.use(aggregator)
  const blobArrived = (blob: ArrivedBlob): Promise<void> =>
    writeBlob(base, blob, () => aggregator.retryBlocked('missing_blob'))
  const blobFetcher = stack.use(createBlobFetcher({ ...base, onBlob: blobArrived }))
  const intake = stack.use(
    startIntake({ ...base, aggregator, wantBlobs: (batch) => blobFetcher.want(batch) }),
  )
  const receiver = createReceiver({ ...base, aggregator, keepPayload: base.payloads.putIn })
  const askForBlobs = blobFetcher.ask
  return { aggregator, intake, receiver, blobArrived, askForBlobs, spine, inbox, ownWork }
}

/** What processes are folded with. */
const foldingOf = (base: Foundation, listeners: SpineDeps['listeners']): SpineDeps => ({
  ...base,
  flows: new Flows(base.namespace),
  instances: new Instances(),
  awaited: new AwaitedDecisions(),
  mayBeMembers: (tx, pin) => mayBeMembers(base, tx, pin),
  listeners,
})

/** The aggregator with the definitions it obeys. */
function startRecogniser(base: Foundation, settledPins: SettledPinHook): Aggregator {
  const identities = createIdentityDefinitions({
    ...base,
    onIdentity: (known) => {
      addPeer(base, known)
      aggregator.identityRegistered(known)
    },
  })
  const aggregator = startAggregator({
    ...base,
    settledPins,
    definitions: createDefinitionHandler({ ...base, identities }),
  })
  return aggregator
}

/** Tells of pins that were read. */
export function announce(
  pins: readonly PinRow[],
  { intake, aggregator }: Pick<Deciding, 'intake' | 'aggregator'>,
): void {
  const open = pins.filter(({ masked }) => masked === 0)
  if (open.length > 0) intake.pins(open)
  const masked = pins.filter((pin) => pin.masked === 1)
  if (masked.length > 0) aggregator.maskedPins(masked.map(({ hash }) => hash))
}
