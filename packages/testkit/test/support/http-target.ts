import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'

export interface Hit {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface HttpTarget extends AsyncDisposable {
  readonly url: string
  readonly hits: readonly Hit[]
}

/** An HTTP server on this machine that keeps what it is sent; `answer` answers the n-th call, from 0. */
export async function startTarget(
  answer: (hit: Hit, response: ServerResponse, n: number) => void,
): Promise<HttpTarget> {
  const hits: Hit[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      const hit = { method, url, headers, body: Buffer.concat(chunks).toString() }
      answer(hit, response, hits.push(hit) - 1)
    })
  })
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    hits,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Answers with a JSON value. */
export function answerJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
}
