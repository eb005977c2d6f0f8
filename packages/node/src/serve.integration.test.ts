import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { type RequestOptions, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import { hash } from 'bcryptjs'
import { WebSocket } from 'ws'
import { stringify } from 'yaml'
import { systemAdapters } from './compose/adapters.ts'
import { faultsToText, type NodeConfig } from './config/config.ts'
import { parseConfigText } from './config/load.ts'
import { createLogger } from './config/log.ts'
import { ensureCertificate } from './exchange/mtls/certificate.ts'
import { createSystemWorld } from './lib/world.ts'
import { type RunningNode, startNode } from './start.ts'

const world = createSystemWorld()
const password = 'correct horse: battery'
const wrongPassword = 'incorrect zebra'
const basic = (user: string, secret: string): string =>
  `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`
const right = basic('ann', password)

let folder: string
let node: RunningNode
/** PEM of the servers' certificate. */
let cert: string
let key: string

/** A node with all three servers, each with a certificate and a password file; nothing of it is shared with anybody. */
async function makeConfig(): Promise<NodeConfig> {
  const passwordfile = 'users'
  const bob = `bob:${await hash('bob', 4)}\n`
  await writeFile(join(folder, passwordfile), `ann:${await hash(password, 4)}\n${bob}`)
  await writeFile(join(folder, 'bobs'), bob)
  const made = await ensureCertificate({
    dataDir: folder,
    hostnames: ['127.0.0.1'],
    peerId: 'ann',
    now: world.now(),
  })
  cert = made.cert
  key = made.key
  const server = {
    port: 0,
    tls: { enabled: true, certFile: 'cert.pem', keyFile: 'key.pem' },
    auth: { type: 'basic', basic: { passwordfile } },
  }
  const read = parseConfigText(
    stringify({
      dataDir: 'data',
      log: { level: 'debug', filename: 'node.log' },
      http: server,
      spi: { enabled: true, ...server },
      monitoring: { enabled: true, ...server },
      plugins: {
        database: [{ name: 'database0', type: 'sqlite3' }],
        auth: [{ name: 'auth0', type: 'basic', basic: { passwordfile: 'bobs' } }],
      },
      namespaces: {
        predefined: [
          { name: 'default', plugins: ['database0'] },
          { name: 'bobs', plugins: ['database0', 'auth0'] },
        ],
      },
    }),
    folder,
    systemAdapters,
  )
  if (!read.ok) throw new Error(faultsToText(read.faults))
  return read.config
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'concordat-serve-'))
  const config = await makeConfig()
  node = await startNode(config, { world, log: createLogger(config.log) })
})
after(async () => {
  await node[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

interface Answer {
  readonly status: number
  readonly challenge: string | undefined
  readonly body: string
}

async function get(
  url: string,
  authorization?: string,
  options: RequestOptions = { ca: cert },
): Promise<Answer> {
  const headers = { ...(authorization !== undefined && { authorization }) }
  return await new Promise((resolve, reject) => {
    request(url, { agent: false, ...options, headers }, (response) => {
      text(response).then(
        (body) =>
          resolve({
            status: response.statusCode ?? 0,
            challenge: response.headers['www-authenticate'],
            body,
          }),
        reject,
      )
    })
      .once('error', reject)
      .end()
  })
}

const challenge = 'Basic realm="concordat", charset="UTF-8"'

describe('each server speaks HTTPS, and asks for a password', () => {
  const doors = [
    ['API', 'api', '/api/v1/status', /"namespace"/],
    ['the page to try it', 'api', '/api', /<title>Concordat API/],
    ['its document', 'api', '/api/openapi.json', /"openapi"/],
    ['administrative interface', 'spi', '/spi/v1/namespaces', /"default"/],
    ['metrics', 'monitoring', '/metrics', /# TYPE/],
  ] as const
  for (const [name, server, path, expected] of doors)
    test(name, async () => {
      const { addresses } = node
      const url = `${addresses[server]}${path}`
      assert.match(url, /^https:/)
      const open = await get(url)
      assert.deepEqual([open.status, open.challenge], [401, challenge])
      assert.match(open.body, /^\{"error":"FF00169/)
      for (const header of [
        basic('ann', wrongPassword),
        basic('eve', password),
        'Basic x',
        'Bearer x',
      ])
        assert.deepEqual(await get(url, header), open)
      const answer = await get(url, right)
      assert.equal(answer.status, 200)
      assert.match(answer.body, expected)
    })
})

test('a certificate that is not trusted ends the call, and so does HTTP', async () => {
  await assert.rejects(get(`${node.addresses.api}/livez`, right, {}), /self-signed certificate/)
  await assert.rejects(fetch(`${node.addresses.api}/livez`.replace('https', 'http')))
})

test('health needs no password', async () => {
  for (const url of [node.addresses.api, node.addresses.monitoring])
    for (const path of ['livez', 'readyz']) assert.equal((await get(`${url}/${path}`)).status, 200)
})

test("a namespace's own users are asked for besides", async () => {
  const url = `${node.addresses.api}/api/v1/namespaces/bobs/status`
  assert.equal((await get(url, basic('bob', 'bob'))).status, 200)
  const other = await get(url, right)
  assert.deepEqual([other.status, other.challenge], [403, undefined])
  assert.match(other.body, /FF00170/)
})

/** The status with which a WebSocket is refused; 101 if it opens. */
const enter = (url: string, headers: Record<string, string>): Promise<number> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(url.replace('https', 'wss'), { ca: cert, headers })
    socket.once('open', () => {
      socket.terminate()
      resolve(101)
    })
    socket.once('unexpected-response', (_request, response) => {
      assert.equal(response.headers['www-authenticate'], challenge)
      resolve(response.statusCode ?? 0)
    })
    socket.once('error', reject)
  })

test('WebSockets too', async () => {
  for (const url of [`${node.addresses.api}/ws`, `${node.addresses.spi}/spi/ws`]) {
    assert.equal(await enter(url, {}), 401, url)
    assert.equal(await enter(url, { authorization: basic('ann', wrongPassword) }), 401, url)
    assert.equal(await enter(url, { authorization: right }), 101, url)
  }
})

test('no secret is logged, whatever was asked and refused', async () => {
  await node[Symbol.asyncDispose]()
  const log = await readFile(join(folder, 'node.log'), 'utf8')
  const [, encoded = ''] = right.split(' ')
  const [, wrongEncoded = ''] = basic('ann', wrongPassword).split(' ')
  const privateKey = key.split('\n')[1] ?? ''
  for (const secret of [password, wrongPassword, encoded, wrongEncoded, privateKey, '$2b$'])
    assert.ok(!log.includes(secret), secret)
})
