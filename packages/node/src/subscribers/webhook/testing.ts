import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request that a target got. */
export interface Hit {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A real HTTP target. `respond` sees hits from 1. */
export async function startTarget(
  respond: (count: number, response: ServerResponse, hit: Hit) => void,
) {
  const hits: Hit[] = []
  let wake: (() => void) | undefined
  const server = createServer(async (request, response) => {
    const chunks: Uint8Array[] = []
    for await (const chunk of request) chunks.push(chunk)
    const hit = {
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
    }
    hits.push(hit)
    respond(hits.length, response, hit)
    wake?.()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    hits,
    port,
    url: `http://127.0.0.1:${port}/hook`,
    async until(count: number) {
      while (hits.length < count) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      return hits
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
