import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startAnvil } from '@concordat/testkit'
import { callOne } from './dev/chain/rpc.ts'
import { createPorts } from './dev/ports.ts'
import { run } from './run.ts'

// CONCORDAT_BLOB_MB=1024 node --test packages/cli/src/large-blob.integration.test.ts

const megabyte = 1024 * 1024
// biome-ignore lint/style/noProcessEnv: tests have no configuration file.
const size = Number(process.env.CONCORDAT_BLOB_MB ?? 256) * megabyte
/** What a node may take for it at most, however large it is. */
const mostMemory = 160 * megabyte
const limitMs = 30_000 + (size / megabyte) * 400
const program = fileURLToPath(new URL('./main.ts', import.meta.url))

async function until(what: string, isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const limit = Date.now() + limitMs
  while (!(await isTrue())) {
    assert.ok(Date.now() < limit, `waited in vain for ${what}`)
    await delay(10)
  }
}

interface Party {
  readonly url: string
  readonly dir: string
  node: ChildProcess
}

async function concordat(folder: string, ...args: string[]): Promise<string> {
  const lines: string[] = []
  const print = (line: string): void => void lines.push(line)
  const context = { print, cwd: folder, program: '', stop: new AbortController().signal }
  assert.equal(await run({ args, context, complain: print }), 0, lines.join('\n'))
  return lines.join('\n')
}

function startNode({ dir }: Pick<Party, 'dir'>): ChildProcess {
  const args = [program, 'start', '-f', join(dir, 'config.yaml')]
  return spawn(process.execPath, args, { stdio: 'ignore' })
}

const isReady = async ({ url }: Party): Promise<boolean> =>
  await fetch(`${url}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  )

async function post(url: string, body: object): Promise<string> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  const reply = await response.text()
  assert.ok(response.ok, reply)
  return reply
}

/** Two parties who know each other, each with a process of its own. */
async function startParties(folder: string, chain: string): Promise<[Party, Party]> {
  const ports = createPorts([])
  const make = async (org: string, ...more: string[]) => {
    const [api, peers] = [await ports.choose(), await ports.choose()]
    const said = await concordat(
      ...([folder, 'init', '--org', org, '--chain', chain, '--port', `${api}`] as const),
      ...['--endpoint', `https://127.0.0.1:${peers}`, '--listen', '127.0.0.1', ...more],
    )
    const key = /0x[0-9a-f]{40}/.exec(said)?.[0]
    await callOne(chain, 'anvil_setBalance', [key, `0x${(10n ** 18n).toString(16)}`])
    const dir = join(folder, org)
    return { url: `http://127.0.0.1:${api}`, dir, said }
  }
  const alice = await make('alice')
  const deployed = await concordat(
    ...([folder, 'deploy', '-f', 'alice/config.yaml', '--confirmations', '0'] as const),
  )
  const [contract = ''] = deployed.split('\n')
  const invitation = /Invitation: +(\S+)/.exec(alice.said)?.[1] ?? ''
  const bob = await make('bob', '--contract', contract, '--seed', invitation)
  const [one, other] = [alice, bob].map((party): Party => ({ ...party, node: startNode(party) }))
  assert.ok(one && other)
  for (const party of [one, other]) {
    await until('a node', () => isReady(party))
    const network = `${party.url}/api/v1/network`
    await post(`${network}/organizations/self?confirm=true`, {})
    await post(`${network}/nodes/self?confirm=true`, {})
  }
  await until('alice to know bob', async () =>
    (await (await fetch(`${one.url}/api/v1/network/nodes?count`)).text()).startsWith('{"count":2'),
  )
  return [one, other]
}

/** Bytes that do not repeat within a chunk, other ones in each. */
function* bytes(): Generator<Buffer> {
  for (let i = 0; i < size / megabyte; i++) {
    const seed = createHash('sha512').update(`${i}`).digest()
    yield Buffer.alloc(megabyte, seed)
  }
}

async function upload({ url }: Party): Promise<{ id: string; hash: string }> {
  const call = request(`${url}/api/v1/data`, {
    method: 'POST',
    headers: { 'content-type': 'multipart/form-data; boundary=limit' },
  })
  const answered = once(call, 'response')
  const form = function* (): Generator<Buffer> {
    yield Buffer.from(
      '--limit\r\nContent-Disposition: form-data; name="file"; filename="large"\r\n\r\n',
    )
    yield* bytes()
    yield Buffer.from('\r\n--limit--\r\n')
  }
  await pipeline(Readable.from(form()), call)
  const [response] = await answered
  const reply = await text(response)
  assert.equal(response.statusCode, 201, reply)
  const { id, blob } = JSON.parse(reply)
  return { id, hash: blob.hash }
}

/** Bytes of what has arrived of a blob so far. */
function held({ dir }: Party): number {
  const partials = join(dir, 'data', 'blobs', 'partial')
  const sizes = readdirSync(partials).map(
    (name) => statSync(join(partials, name), { throwIfNoEntry: false })?.size ?? 0,
  )
  return Math.max(0, ...sizes)
}

/** The most memory that a process has had resident, in bytes. */
const peakOf = ({ node }: Party): number =>
  Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${node.pid}/status`, 'utf8'))?.[1]) * 1024

/** Forgets the peak so far; resolves with what is resident now. */
function beginPeak(party: Party): number {
  writeFileSync(`/proc/${party.node.pid}/clear_refs`, '5')
  return peakOf(party)
}

const inMegabytes = (count: number): string => `${Math.round(count / megabyte)} MB`

test(`a blob of ${inMegabytes(size)} in constant memory, resumed after its receiver was killed`, {
  skip: process.platform !== 'linux' && 'memory is read from /proc',
}, async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'large-blob-'))
  await using anvil = await startAnvil()
  const [alice, bob] = await startParties(folder, anvil.url)
  context.after(() => {
    for (const { node } of [alice, bob]) node.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })
  const before = beginPeak(alice)
  const began = performance.now()
  const { id, hash } = await upload(alice)
  const uploaded = performance.now()
  await post(`${alice.url}/api/v1/messages/private`, {
    group: { members: [{ identity: 'bob' }] },
    data: [{ id }],
  })
  await until('a third of it', () => held(bob) > size / 3)
  bob.node.kill('SIGKILL')
  await once(bob.node, 'exit')
  const kept = held(bob)
  assert.ok(kept > size / 3 && kept < size)
  bob.node = startNode(bob)
  await until('bob again', () => isReady(bob))
  const bobBefore = beginPeak(bob)
  let least = Number.POSITIVE_INFINITY
  await until('the blob at bob', async () => {
    const now = held(bob)
    if (now > 0) least = Math.min(least, now)
    const list = await fetch(`${bob.url}/api/v1/messages?type=private&state=confirmed`)
    return (await list.text()).includes(id)
  })
  const arrived = performance.now()
  assert.ok(least >= kept, 'what was held is not sent again')
  const download = await fetch(`${bob.url}/api/v1/data/${id}/blob`)
  const digest = createHash('sha256')
  for await (const chunk of download.body ?? []) digest.update(chunk)
  assert.equal(digest.digest('hex'), hash)
  const growth = [peakOf(alice) - before, peakOf(bob) - bobBefore] as const
  context.diagnostic(
    `upload ${((uploaded - began) / 1000).toFixed(1)} s, to the receiver ${((arrived - uploaded) / 1000).toFixed(1)} s with a restart at ${inMegabytes(kept)}; ` +
      `peak memory: sender ${inMegabytes(peakOf(alice))} (+${inMegabytes(growth[0])}), receiver ${inMegabytes(peakOf(bob))} (+${inMegabytes(growth[1])})`,
  )
  for (const more of growth) assert.ok(more < mostMemory, inMegabytes(more))
})
