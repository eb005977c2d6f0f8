import { NodeError } from '@concordat/protocol'
import { type MessageEngine, type MessageEngineDeps, placeNow } from './message-engine.ts'

/** Of a namespace that is shared with nobody: every message is refused. */
export function createNoMessages(
  at: Pick<MessageEngineDeps, 'namespace' | 'networkName' | 'world'>,
): MessageEngine {
  const refuse = async (): Promise<never> => {
    throw new NodeError('FF10414', { namespace: at.namespace })
  }
  return {
    place: () => placeNow(at),
    send: refuse,
    broadcast: refuse,
    sendPrivate: refuse,
    requestReply: refuse,
  }
}
