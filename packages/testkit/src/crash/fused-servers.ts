import { ServerResponse } from 'node:http'
import type { NamespaceRuntime } from '@concordat/node'
import type { Fuse } from './fuse.ts'

/** Puts a fuse in the answers of this process's API. */
export function fuseReplies(fuse: Fuse): void {
  const { prototype } = ServerResponse
  prototype.end = new Proxy(prototype.end, {
    apply(end, response: ServerResponse, args) {
      if (isAcceptance(response)) {
        fuse.pass('reply:before')
        response.once('finish', () => fuse.pass('reply:after'))
      }
      return Reflect.apply(end, response, args)
    },
  })
}

const isAcceptance = ({ req, statusCode }: ServerResponse): boolean =>
  statusCode === 202 && /\/namespaces\/[^/]+\/messages\//.test(req.url ?? '')

type Subscribers = NamespaceRuntime['subscribers']
type Receiver = Parameters<Subscribers['attach']>[2]

/** Puts a fuse in what a namespace delivers to its clients. */
export function fuseDeliveries(subscribers: Subscribers, fuse: Fuse): void {
  const { attach } = subscribers
  subscribers.attach = (transport, name, receiver) =>
    attach(transport, name, fuseReceiver(receiver, fuse))
}

const fuseReceiver = (receiver: Receiver, fuse: Fuse): Receiver => ({
  deliver(delivery, { signal, nack, ack }) {
    fuse.pass('event:before')
    const rest = receiver.deliver(delivery, {
      signal,
      nack,
      ack() {
        fuse.pass('ack:before')
        ack()
        fuse.pass('ack:after')
      },
    })
    fuse.pass('event:after')
    return rest
  },
  stopped: (subscription) => receiver.stopped?.(subscription),
})
