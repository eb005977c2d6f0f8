import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Busboy } from '@fastify/busboy'

export interface TestKubo {
  readonly url: string
  stop(): Promise<void>
}

/** The two calls of a Kubo node that are used, over a map from content to identifier. */
export async function startTestKubo(): Promise<TestKubo> {
  const contents = new Map<string, Buffer>()
  const server = createServer((request, response) => {
    if (request.method === 'POST' && request.url === '/api/v0/add') add(contents, request, response)
    else give(contents, request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function add(
  contents: Map<string, Buffer>,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { 'content-type': contentType = '' } = request.headers
  const parser = new Busboy({ headers: { ...request.headers, 'content-type': contentType } })
  parser.on('file', (field, stream) => {
    stream.toArray().then(
      (chunks) => {
        const content = Buffer.concat(chunks)
        const cid = `bafk${createHash('sha256').update(content).digest('hex')}`
        contents.set(cid, content)
        response.statusCode = field === 'document' ? 200 : 400
        response.end(JSON.stringify({ Name: 'file.bin', Hash: cid, Size: String(content.length) }))
      },
      (error: unknown) => response.destroy(error instanceof Error ? error : undefined),
    )
  })
  request.pipe(parser)
}

function give(
  contents: Map<string, Buffer>,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const content = contents.get(request.url?.replace('/ipfs/', '') ?? '')
  response.statusCode = content ? 200 : 404
  response.end(content)
}
