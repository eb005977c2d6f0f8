import { formatTime, NodeError, nodeDid, padTime } from '@concordat/protocol'
import type { SignerDeps } from '../identity/signer.ts'
import { createDataEngine } from '../messages/data-engine.ts'
import { Groups } from '../messages/groups.ts'
import { createInlineData } from '../messages/inline-data.ts'
import { createMessageEngine, type MessageEngine } from '../messages/message-engine.ts'
import type { Namespace } from '../namespace.ts'
import { createNetworkEngine } from '../network/network-engine.ts'
import { createOperationEngine } from '../operations/operation-engine.ts'
import { createNoProcesses } from '../processes/no-processes.ts'
import { createProcessEngine } from '../processes/process-engine.ts'
import type { Deciding } from './deciding.ts'
import type { Foundation } from './foundation.ts'
import { requestPrivateBatch } from './request-private-batch.ts'
import { resend } from './resend.ts'
import type { Sending } from './sending.ts'

/** What callers may ask a namespace to do. */
export interface Engines extends Pick<Namespace, 'data' | 'network' | 'operations' | 'processes'> {
  readonly messages: MessageEngine
}

/** Requests not yet durable, above which callers are told to come back. */
const MAX_WAITING = 20_000

export function createEngines(base: Foundation, deciding: Deciding, sending: Sending): Engines {
  const { multiparty, exchange } = base
  const signer = {
    ...base,
    rootOrg: multiparty.org,
    defaultKey: base.settings.defaultKey || undefined,
  }
  const inlineData = createInlineData(base)
  const messages = createMessages(base, sending, { signer, inlineData })
  return {
    messages,
    data: createDataEngine({ ...base, signer, inlineData, messages }),
    network: createNetworkEngine({
      ...base,
      messages,
      party: multiparty,
      profile: () => exchange.profile(multiparty.node.name),
      submitAction: (action) => submitAction(base, action),
    }),
    processes: base.settings.processes
      ? createProcessEngine({ ...base, ...deciding, messages, signer })
      : createNoProcesses(base.namespace, 'CC21013'),
    operations: createOperationEngine({
      ...base,
      ...deciding,
      dispatcher: sending.dispatcher,
      resend: (tx, operation) => resend(base, tx, operation),
      requestPrivate: async (pin) =>
        void (await requestPrivateBatch({ ...base, ...deciding }, pin)),
    }),
  }
}

function createMessages(
  base: Foundation,
  { writer }: Sending,
  used: { readonly signer: SignerDeps; readonly inlineData: ReturnType<typeof createInlineData> },
): MessageEngine {
  const { config, multiparty } = base
  const groups = new Groups({ ...base, node: nodeDid(multiparty.node.name) })
  return createMessageEngine({
    ...base,
    ...used,
    groups,
    writer,
    limits: {
      broadcast: config.broadcast.batch.payloadLimit,
      private: config.privatemessaging.batch.payloadLimit,
    },
    maxWaiting: MAX_WAITING,
  })
}

/** Written before it is signed. */
async function submitAction(base: Foundation, action: string): Promise<void> {
  const { chain, contracts, database, multiparty, namespace, operations, world } = base
  const contract = contracts.use()
  if (!contracts.hasNext) throw new NodeError('CC20006', { namespace, index: contract.index })
  const key = chain.normaliseKey(multiparty.org.key)
  const txId = world.uuid()
  const id = await database.transaction(async (tx) => {
    await tx.insertMany('transactions', [
      {
        seq: tx.sequence('transactions', 1),
        namespace,
        id: txId,
        type: 'network_action',
        created: padTime(formatTime(world.now())),
        idempotencyKey: null,
        blockchainIds: null,
      },
    ])
    const input = { type: action, key }
    const plugin = 'blockchain'
    const made = { tx: txId, type: 'blockchain_network_action', plugin, input }
    const [operation] = await operations.create(tx, [made])
    return operation?.id ?? ''
  })
  const failed = async (cause: unknown): Promise<never> => {
    const error = cause instanceof Error ? cause.message : String(cause)
    await database.transaction((tx) => operations.update(tx, [{ id, status: 'Failed', error }]))
    throw cause
  }
  const { location } = contract
  const submission = { id, key, contract: location, method: 'networkAction', action } as const
  await chain.submit({ ...submission, payload: '' }).catch(failed)
}
