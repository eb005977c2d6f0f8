import type { ServerResponse } from 'node:http'
import type { Subscribers } from './subscribers.ts'
import { connectClient, startTestSockets, type TestClient, type TestSockets } from './testing.ts'
import { type TransportHarness, transportConformance } from './transport.conformance.ts'
import { startTarget } from './webhook/testing.ts'
import { createWebhookTransport } from './webhook/webhook-transport.ts'
import { websocketTransport } from './websocket/websocket-transport.ts'

/** Refusing is what FireFly's clients do: close, and come again. */
async function startWebSocketHarness(): Promise<TransportHarness> {
  let server: TestSockets | undefined
  let client: TestClient | undefined
  const open = async (): Promise<TestClient> => {
    await client?.[Symbol.asyncDispose]()
    client = await connectClient(`${server?.url}/default?name=conformance`)
    return client
  }
  const close = async (): Promise<void> => {
    await client?.[Symbol.asyncDispose]()
    await server?.[Symbol.asyncDispose]()
    client = undefined
    server = undefined
  }
  return {
    transport: websocketTransport,
    options: {},
    refused: { withData: true },
    async connect(subscribers: Subscribers) {
      server = await startTestSockets({ subscribers: () => subscribers })
      await open()
      return { [Symbol.asyncDispose]: close }
    },
    async take(answer) {
      const frame = await (client ?? (await open())).next()
      if (answer === 'accept') client?.ack(frame)
      else await open()
      return frame.id
    },
    [Symbol.asyncDispose]: close,
  }
}

async function startWebhookHarness(): Promise<TransportHarness> {
  const waiting: { readonly id: string; readonly response: ServerResponse }[] = []
  const target = await startTarget((_count, response, hit) => {
    waiting.push({ id: JSON.parse(hit.body).id, response })
  })
  let taken = 0
  return {
    transport: createWebhookTransport({ allowedRanges: ['loopback'] }),
    options: { url: target.url, retry: { initialDelay: '1ms' } },
    refused: { url: 'mailto:nobody' },
    connect: async () => ({ [Symbol.asyncDispose]: async () => {} }),
    async take(answer) {
      await target.until(++taken)
      const next = waiting.shift()
      next?.response.writeHead(answer === 'accept' ? 200 : 500).end()
      return next?.id ?? ''
    },
    [Symbol.asyncDispose]: () => target[Symbol.asyncDispose](),
  }
}

transportConformance('websockets', startWebSocketHarness)
transportConformance('webhooks', startWebhookHarness)
