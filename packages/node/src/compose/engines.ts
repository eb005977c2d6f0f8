import { nodeDid } from '@concordat/protocol'
import type { SignerDeps } from '../identity/signer.ts'
import { createDataEngine } from '../messages/data-engine.ts'
import { Groups } from '../messages/groups.ts'
import { createInlineData } from '../messages/inline-data.ts'
import { createMessageEngine, type MessageEngine } from '../messages/message-engine.ts'
import type { Namespace } from '../namespace.ts'
import { createNetworkEngine } from '../network/network-engine.ts'
import { createOperationEngine } from '../operations/operation-engine.ts'
import type { Deciding } from './deciding.ts'
import type { Foundation } from './foundation.ts'
import { requestPrivateBatch } from './request-private-batch.ts'
import { resend } from './resend.ts'
import type { Sending } from './sending.ts'

/** What callers may ask a namespace to do. */
export interface Engines extends Pick<Namespace, 'data' | 'network' | 'operations'> {
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
    operations: createOperationEngine({
      ...base,
      ...deciding,
      dispatcher: sending.dispatcher,
      resend: (tx, operation) => resend(base, tx, operation),
      requestPrivate: (pin) => requestPrivateBatch({ ...base, ...deciding }, pin),
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

async function submitAction(
  { chain, multiparty, world, activeContract }: Foundation,
  action: string,
): Promise<void> {
  await chain.submit({
    id: world.uuid(),
    key: chain.normaliseKey(multiparty.org.key),
    contract: activeContract.location,
    method: 'networkAction',
    action,
    payload: '',
  })
}
