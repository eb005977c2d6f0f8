import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { Busboy } from '@fastify/busboy'
import { from, introduce, isRetryable } from '../exchange.testing.ts'
import { type MtlsParty, portOf, startCuttingProxy, startParty } from './mtls.testing.ts'

const signal = AbortSignal.timeout(60_000)
const SIZE = 8 * 1024 * 1024

describe('blobs over the mtls exchange', { timeout: 60_000 }, () => {
  it('goes on with a private blob where the connection was cut', async () => {
    await using alice = await startParty('alice')
    await using bob = await startParty('bob')
    introduce(alice, bob)
    await using proxy = await startCuttingProxy(bob.port)
    alice.exchange.addPeer({ ...bob.exchange.profile('node'), endpoint: proxy.endpoint })
    const content = randomBytes(SIZE)
    const blob = { path: 'ns/large', ...(await alice.blobs.write(from(content))) }
    const send = () => alice.exchange.sendBlob('alice/node', 'bob/node', blob, signal)
    proxy.cutAfter(SIZE / 2)
    await assert.rejects(send(), isRetryable)
    proxy.cutAfter(Number.POSITIVE_INFINITY)
    let verdict = await send()
    // The broken upload may not have ended yet at the other side.
    while (verdict === 'later') verdict = await send()
    assert.equal(verdict, 'accepted')
    assert.ok(proxy.carried() < SIZE * 0.75, `${proxy.carried()} bytes were sent again`)
    const arrival = bob.arrived.at(-1)
    assert.ok(arrival?.kind === 'blob')
    assert.deepEqual(Buffer.concat(await bob.blobs.read(arrival.payloadRef).toArray()), content)
  })

  it('goes on with a published blob from what is held', async () => {
    await using alice = await startParty('alice')
    await using bob = await startParty('bob')
    introduce(alice, bob)
    const content = randomBytes(SIZE)
    const hash = sha256(content)
    const key = JSON.stringify(['fetch', 'alice/node', hash])
    await bob.blobs.append(key, 0, from(content.subarray(0, SIZE / 2)))
    // What alice gives before that is wrong, so that only a fetch of the rest can succeed.
    const half = Buffer.concat([Buffer.alloc(SIZE / 2), content.subarray(SIZE / 2)])
    alice.published.set(hash, await alice.blobs.write(from(half)))
    const fetched = await bob.exchange.fetchBlob('alice/node', hash, signal)
    assert.deepEqual({ hash: fetched?.hash, size: fetched?.size }, { hash, size: SIZE })
    await assert.rejects(bob.exchange.fetchBlob('alice/node', hash, signal))
    assert.equal(await bob.blobs.held(key), 0)
  })

  it('does not take a blob whose bytes differ from its hash, nor keep its bytes', async () => {
    await using alice = await startParty('alice')
    await using bob = await startParty('bob')
    introduce(alice, bob)
    const { payloadRef, size } = await alice.blobs.write(from(randomBytes(1000)))
    const blob = { path: 'ns/x', payloadRef, size, hash: 'ab'.repeat(32) }
    assert.equal(await alice.exchange.sendBlob('alice/node', 'bob/node', blob, signal), 'refused')
    assert.deepEqual(bob.arrived, [])
  })
})

describe('the mtls exchange before a FireFly member', { timeout: 60_000 }, () => {
  it('speaks with a FireFly data exchange', async () => {
    await using alice = await startParty('alice')
    await using firefly = await startFirefly()
    alice.exchange.addPeer(firefly.profile)
    const message = Buffer.from('{"batch":{}}')
    assert.equal(await alice.exchange.ping('org_1/node', signal), true)
    assert.equal(
      await alice.exchange.sendMessage('alice/node', 'org_1/node', message, signal),
      'accepted',
    )
    const content = randomBytes(200_000)
    const blob = { path: 'ns/1', ...(await alice.blobs.write(from(content))) }
    assert.equal(
      await alice.exchange.sendBlob('alice/node', 'org_1/node', blob, signal),
      'accepted',
    )
    assert.deepEqual(firefly.forms, [
      {
        path: '/api/v1/messages',
        order: 'senderDestination=node recipientDestination=node message',
        hash: sha256(message),
      },
      {
        path: '/api/v1/blobs/ns/1',
        order: 'senderDestination=node recipientDestination=node blob',
        hash: sha256(content),
      },
    ])
    assert.equal(
      await alice.exchange.fetchBatch('org_1/node', 'ab'.repeat(32), 100, signal),
      undefined,
    )
    assert.equal(
      await alice.exchange.sendMessage('alice/node', 'org_1/node', Buffer.from('unknown'), signal),
      'refused',
    )
  })
})

const sha256 = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex')

interface Firefly extends AsyncDisposable {
  readonly profile: { readonly id: string; readonly endpoint: string; readonly cert: string }
  readonly forms: { path: string; order: string; hash: string }[]
}

/** The three calls that FireFly's data exchange answers to peers, and 404 for all else. */
async function startFirefly(): Promise<Firefly> {
  const owner: MtlsParty = await startParty('org_1')
  const forms: Firefly['forms'] = []
  const [key, cert] = await Promise.all(
    ['key.pem', 'cert.pem'].map((file) => readFile(join(owner.dataDir, file), 'utf8')),
  )
  const server = createServer(
    { key, cert, requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      const target = `${request.method} ${request.url}`
      if (target === 'HEAD /api/v1/ping') response.writeHead(204).end()
      else if (/^(POST \/api\/v1\/messages|PUT \/api\/v1\/blobs\/.*)$/.test(target))
        readForm(request, response, forms)
      else response.writeHead(404).end('{"error":"Not found"}')
    },
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const endpoint = `https://127.0.0.1:${portOf(server.address())}`
  return {
    forms,
    profile: { id: 'org_1/node', endpoint, cert: cert ?? '' },
    async [Symbol.asyncDispose]() {
      await owner[Symbol.asyncDispose]()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function readForm(
  request: IncomingMessage,
  response: ServerResponse,
  forms: Firefly['forms'],
): void {
  const { 'content-type': contentType = '' } = request.headers
  const order: string[] = []
  const content: Buffer[] = []
  const parser = new Busboy({ headers: { ...request.headers, 'content-type': contentType } })
  parser.on('field', (name, value) => {
    order.push(name === 'message' ? name : `${name}=${value}`)
    if (name === 'message') content.push(Buffer.from(value))
  })
  parser.on('file', (name, stream) => {
    order.push(name)
    stream.on('data', (chunk: Buffer) => content.push(chunk))
  })
  parser.on('finish', () => {
    const whole = Buffer.concat(content)
    if (whole.toString() === 'unknown') response.writeHead(404).end()
    else {
      forms.push({ path: request.url ?? '', order: order.join(' '), hash: sha256(whole) })
      response.writeHead(204).end()
    }
  })
  request.pipe(parser)
}
