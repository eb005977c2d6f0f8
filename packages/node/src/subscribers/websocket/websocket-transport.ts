import { NodeError } from '@concordat/protocol'
import type { EventTransport } from '../transport.ts'

export const WEBSOCKETS = 'websockets'

/** The transport of subscriptions that clients come for. Values of data are not streamed: FF10244. */
export const websocketTransport: EventTransport = {
  name: WEBSOCKETS,
  validateOptions(options) {
    if (options.withData) throw new NodeError('FF10244')
    return { ...options, withData: false }
  },
}
