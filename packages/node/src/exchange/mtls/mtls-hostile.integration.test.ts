import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { request } from 'node:https'
import { connect as connectTcp } from 'node:net'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { after, before, describe, it } from 'node:test'
import { connect } from 'node:tls'
import { introduce } from '../exchange.testing.ts'
import { type MtlsParty, startParty } from './mtls.testing.ts'

const signal = AbortSignal.timeout(60_000)
const MEBIBYTE = 1024 * 1024

const form = { 'content-type': 'multipart/form-data; boundary=b' }
const hash = 'ab'.repeat(32)
const NONSENSE: readonly (readonly [string, string, Record<string, string>, string, number])[] = [
  ['GET', '/', {}, '', 404],
  ['GET', '/%ff/%', {}, '', 400],
  ['DELETE', '/api/v1/messages', {}, '', 404],
  ['POST', '/api/v1/messages', {}, 'x', 415],
  ['POST', '/api/v1/messages', { 'content-type': 'application/json' }, '{}', 415],
  ['POST', '/api/v1/messages', form, 'no form at all', 400],
  [
    'POST',
    '/api/v1/messages',
    form,
    '--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n1\r\n--b--\r\n',
    400,
  ],
  ['PUT', '/api/v1/blobs/../../x', form, '', 400],
  ['PUT', '/api/v1/blobs/a%2fb', form, '', 400],
  ['PUT', '/concordat/v1/payloads/ABC', {}, '', 400],
  ['GET', '/concordat/v1/blobs/..%2f..', {}, '', 400],
  ['PUT', `/concordat/v1/uploads/ns/x?hash=${hash}&size=-1`, {}, '', 400],
  [
    'PUT',
    `/concordat/v1/uploads/ns/x?hash=${hash}&size=5`,
    { 'content-range': 'bytes 9-4/5' },
    '',
    416,
  ],
  ['PUT', `/concordat/v1/uploads/ns/x?hash=${hash}&size=99999999999`, {}, '', 413],
  ['PUT', `/concordat/v1/uploads/ns/x?sender=eve&hash=${hash}&size=5`, {}, '', 404],
]

describe('what peers may throw at the mtls exchange', { timeout: 60_000 }, () => {
  let alice: MtlsParty
  let bob: MtlsParty
  before(async () => {
    alice = await startParty('alice')
    bob = await startParty('bob', { maxBlobBytes: 4 * MEBIBYTE })
    introduce(alice, bob)
  })
  after(async () => {
    await alice[Symbol.asyncDispose]()
    await bob[Symbol.asyncDispose]()
  })
  const get: Get = () => createAttack(alice, bob)
  nonsenseCases(get)
  sizeCases(get)
})

type Get = () => ReturnType<typeof createAttack>

function createAttack(alice: MtlsParty, bob: MtlsParty) {
  const credentials = async (): Promise<{ key: Buffer; cert: Buffer }> => ({
    key: await readFile(join(alice.dataDir, 'key.pem')),
    cert: await readFile(join(alice.dataDir, 'cert.pem')),
  })
  const stillServes = async (): Promise<void> => {
    const verdict = await alice.exchange.sendMessage(
      'alice/node',
      'bob/node',
      Buffer.from('{}'),
      signal,
    )
    assert.equal(verdict, 'accepted')
  }
  /** Status and bytes sent, of a call made as alice. */
  const call = async (
    method: string,
    path: string,
    headers: Record<string, string>,
    body: Readable,
  ): Promise<{ status: number; sent: number }> => {
    const options = {
      port: bob.port,
      host: '127.0.0.1',
      method,
      path,
      headers,
      agent: false,
      rejectUnauthorized: false,
    }
    const outgoing = request({ ...options, ...(await credentials()) })
    const answered = once(outgoing, 'response')
    outgoing.on('error', () => {})
    body.on('error', () => {})
    body.pipe(outgoing)
    const [response] = await answered
    const sent = outgoing.socket?.bytesWritten ?? 0
    outgoing.destroy()
    return { status: response.statusCode, sent }
  }

  return { alice, bob, credentials, stillServes, call }
}

function nonsenseCases(get: Get): void {
  it('survives garbage before, during and after the handshake', async () => {
    const { bob, credentials, stillServes } = get()
    for (const bytes of [
      randomBytes(2000),
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      Buffer.alloc(0),
    ]) {
      const socket = connectTcp(bob.port, '127.0.0.1')
      socket.on('error', () => {})
      socket.end(bytes)
      await once(socket, 'close')
    }
    for (const bytes of [
      randomBytes(5000),
      Buffer.from(`GET /${'x'.repeat(50_000)} HTTP/1.1\r\n\r\n`),
    ]) {
      const socket = connect({
        port: bob.port,
        host: '127.0.0.1',
        rejectUnauthorized: false,
        ...(await credentials()),
      })
      socket.on('error', () => {})
      socket.write(bytes)
      socket.resume()
      await once(socket, 'close')
    }
    await stillServes()
  })

  it('answers calls that make no sense', async () => {
    const { bob, stillServes, call } = get()
    const before = bob.arrived.length
    for (const [method, path, headers, body, status] of NONSENSE) {
      assert.equal(
        (await call(method, path, headers, Readable.from([Buffer.from(body)]))).status,
        status,
        `${method} ${path} ${body}`,
      )
    }
    assert.equal(bob.arrived.length, before)
    await stillServes()
  })
}

function sizeCases(get: Get): void {
  it('refuses what is too large, by what is stated and by what comes', async () => {
    const { alice, stillServes, call } = get()
    const large = Buffer.alloc(3 * MEBIBYTE)
    assert.equal(
      await alice.exchange.sendMessage('alice/node', 'bob/node', large, signal),
      'refused',
    )
    const stated = { 'content-length': String(2 ** 31) }
    const { status, sent } = await call(
      'PUT',
      `/concordat/v1/payloads/${'ab'.repeat(32)}`,
      stated,
      Readable.from([Buffer.alloc(10)]),
    )
    assert.equal(status, 413)
    assert.ok(sent < MEBIBYTE)
    await stillServes()
  })

  it('cuts off two gigabytes of nothing, in bounded memory', async () => {
    const { stillServes, call } = get()
    const head = (name: string): Buffer =>
      Buffer.from(`--b\r\nContent-Disposition: form-data; name="${name}"; filename="f"\r\n\r\n`)
    const before = process.memoryUsage.rss()
    for (const [method, path, headers, start] of [
      ['PUT', `/concordat/v1/payloads/${'ab'.repeat(32)}`, {}, Buffer.alloc(0)],
      ['POST', '/api/v1/messages', form, head('message')],
      ['PUT', '/api/v1/blobs/ns/x', form, head('blob')],
      ['PUT', '/api/v1/blobs/ns/x', form, Buffer.from('--b\r\n')],
      ['PUT', '/api/v1/blobs/ns/x', form, head('field').subarray(0, 30)],
    ] as const) {
      const { status, sent } = await call(method, path, headers, Readable.from(nothing(start)))
      assert.ok(status === 413 || status === 400, `${method} ${path}: ${status}`)
      assert.ok(sent < 64 * MEBIBYTE, `${sent} bytes were taken`)
    }
    assert.ok(process.memoryUsage.rss() - before < 150 * MEBIBYTE)
    await stillServes()
  })
}

async function* nothing(start: Buffer): AsyncIterable<Buffer> {
  yield start
  const zeros = Buffer.alloc(64 * 1024)
  for (let sent = 0; sent < 2 ** 31; sent += zeros.length) yield zeros
}
