import { toLoadedBatch } from '../aggregator/loaded-batch.ts'
import { type Assembler, startAssembler } from '../batch/assembler.ts'
import { type Dispatcher, startDispatcher } from '../batch/dispatcher.ts'
import type { SealedBatch } from '../batch/sealed-batch.ts'
import type { AsyncStack } from '../lib/async-stack.ts'
import { createMessageWriter, type MessageWriter } from '../messages/writer.ts'
import type { Foundation } from './foundation.ts'
import { createFreshData } from './fresh-data.ts'
import { createRecipients } from './recipients.ts'

/** What brings messages from a caller's request to the chain. */
export interface Sending {
  readonly writer: MessageWriter
  readonly assembler: Assembler
  readonly dispatcher: Dispatcher
}

/** Longest time to gather messages for a batch. */
const MAX_LINGER_MS = 100

export function startSending(base: Foundation, stack: AsyncStack): Sending {
  const { config, payloads, outbox, storage, contexts, journal } = base
  const { size, payloadLimit, timeout } = config.broadcast.batch
  const freshData = createFreshData()
  const delivery = {
    ...base,
    freshData,
    recipientsOf: createRecipients(base),
    keepPayload: payloads.putIn,
    enqueue: outbox.enqueue,
    follow: contexts.follow.bind(contexts),
    publishIn: storage.publishIn,
  }
  const assembler = startAssembler(
    {
      maxMessages: size,
      maxBytes: payloadLimit,
      lingerMs: Math.min(timeout, MAX_LINGER_MS),
      maxInFlight: config.batch.inFlight,
    },
    { ...delivery, onSealed: (sealed) => dispatcher.offer(sealed) },
  )
  const dispatcher = startDispatcher({
    ...delivery,
    contract: () => base.contracts.use().location,
    onReady: (sealed) => remember(base, sealed),
    onSent: ({ author, groupHash, txType }) =>
      assembler.released({ author, groupHash, txtype: txType }),
    onReadyAgain: (messages) => assembler.offer(messages),
    isSigned: async (id) => (await journal.find(id)) !== undefined,
  })
  stack.use(dispatcher)
  stack.use(assembler)
  const writer = createMessageWriter({
    ...base,
    onWritten: (written, data) => {
      freshData.put(data)
      assembler.offer(written)
    },
  })
  return { writer, assembler, dispatcher }
}

/** Our own batches need not be read back when their pins come. */
function remember({ batches }: Foundation, { batch, messages, payload }: SealedBatch): void {
  if (!payload) return
  const slots = messages.map(({ seq }) => ({ seq, final: false }))
  batches.put(
    { batch: batch.id, batchHash: batch.hash, payloadRef: batch.payloadRef },
    toLoadedBatch(payload, slots),
  )
}
