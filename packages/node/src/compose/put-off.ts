import { NodeError } from '@concordat/protocol'
import type { ExchangeHandlers } from '../exchange/exchange.ts'

/** Puts peers off until the namespaces are there to answer them: a refusal or a "there is none" would be taken as final. */
export function putOff(handlers: ExchangeHandlers, isOpen: () => boolean): ExchangeHandlers {
  const find = <T>(work: () => Promise<T>): Promise<T> =>
    isOpen() ? work() : Promise.reject(new NodeError('CC20501', {}))
  return {
    message: async (...call) => (isOpen() ? await handlers.message(...call) : 'later'),
    blob: async (...call) => (isOpen() ? await handlers.blob(...call) : 'later'),
    payload: async (...call) => (isOpen() ? await handlers.payload(...call) : 'later'),
    findPayload: (...call) => find(() => handlers.findPayload(...call)),
    findBlob: (...call) => find(() => handlers.findBlob(...call)),
  }
}
