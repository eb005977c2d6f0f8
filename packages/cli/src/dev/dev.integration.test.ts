import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { isFree } from './ports.ts'
import { markOf } from './processes.ts'

const program = fileURLToPath(new URL('../main.ts', import.meta.url))
const readyMs = 60_000
const newFolder = (): string => mkdtempSync(join(tmpdir(), 'dev-'))

interface Dev {
  readonly process: ChildProcess
  readonly said: () => string
  readonly exited: Promise<number | null>
}

function startDev(data: string, ...args: string[]): Dev {
  const child = spawn(process.execPath, [program, 'dev', '--data', data, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      said += String(chunk)
    })
  }
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve))
  return { process: child, said: () => said, exited }
}

async function until(what: string, isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const limit = Date.now() + readyMs
  while (!(await isTrue())) {
    assert.ok(Date.now() < limit, `waited in vain for ${what}`)
    await delay(50)
  }
}

async function untilReady(dev: Dev): Promise<void> {
  let ended = false
  void dev.exited.then(() => {
    ended = true
  })
  await until('the network', () => {
    assert.ok(!ended, dev.said())
    return dev.said().includes('Ready after')
  })
}

async function get(url: string): Promise<unknown> {
  return (await fetch(url)).json()
}

async function broadcast(port: number, value: string): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/messages/broadcast?confirm=true`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ data: [{ value }] }),
  })
  assert.equal(response.status, 200)
  return JSON.parse(await response.text()).header.id
}

const arrived = (port: number, id: string): Promise<void> =>
  until(`message ${id} at ${port}`, async () => {
    const list = await get(`http://127.0.0.1:${port}/api/v1/messages?id=${id}&state=confirmed`)
    return Array.isArray(list) && list.length === 1
  })

/** Two ports in a row that are free. */
async function twoPorts(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000)
    if ((await isFree(port)) && (await isFree(port + 1))) return port
  }
}

/** The chain's keeper, the chain, and the nodes. */
const children = (data: string): number[] =>
  JSON.parse(readFileSync(join(data, 'run.json'), 'utf8'))
    .slice(1)
    .map(({ pid }: { pid: number }) => pid)

const allGone = (pids: readonly number[]): Promise<void> =>
  until('the children to end', async () => {
    const marks = await Promise.all(pids.map(markOf))
    return marks.every((mark) => mark === undefined)
  })

/** A network of two parties, a and b, and the process that runs it now. */
interface Net {
  readonly data: string
  readonly port: number
  dev: Dev
}

async function restart(net: Net, ...args: string[]): Promise<void> {
  net.dev = startDev(net.data, ...args)
  await untilReady(net.dev)
}

function keepsFilesPrivate({ data }: Net): void {
  const files = [
    'network.json',
    'stack/runtime/stackState.json',
    'parties/a/config.yaml',
    'parties/a/tls/key.pem',
  ]
  for (const file of files) assert.equal(statSync(join(data, file)).mode & 0o077, 0, file)
}

async function refusesOthers({ data, port }: Net): Promise<void> {
  const second = startDev(data)
  assert.equal(await second.exited, 1)
  assert.match(second.said(), /^concordat: a network runs on .* already/)
  const third = startDev(newFolder(), '--port', `${port}`)
  assert.equal(await third.exited, 1)
  assert.match(
    third.said(),
    new RegExp(`^concordat: port ${port}, for the API of org_0, is in use`),
  )
}

async function survivesItsKiller(net: Net): Promise<void> {
  const before = await broadcast(net.port, 'before')
  const pids = children(net.data)
  assert.equal(pids.length, 4)
  net.dev.process.kill('SIGKILL')
  await net.dev.exited
  await allGone(pids)
  await restart(net)
  await arrived(net.port + 1, before)
  await arrived(net.port, await broadcast(net.port + 1, 'after'))
}

async function survivesThatAllAreKilled(net: Net): Promise<void> {
  const [keeper = 0, chain = 0, ...nodes] = children(net.data)
  for (const pid of [net.dev.process.pid ?? 0, keeper, ...nodes]) process.kill(pid, 'SIGKILL')
  await net.dev.exited
  // The chain alone is left behind; the next start ends it.
  assert.notEqual(await markOf(chain), undefined)
  await restart(net)
  await arrived(net.port, await broadcast(net.port + 1, 'again'))
  for (const pid of [net.dev.process.pid ?? 0, ...children(net.data)]) process.kill(pid, 'SIGKILL')
  await net.dev.exited
  await restart(net)
  await arrived(net.port, await broadcast(net.port + 1, 'after all'))
}

async function endsWithAChild(net: Net): Promise<void> {
  const pids = children(net.data)
  process.kill(pids.at(-1) ?? 0, 'SIGKILL')
  assert.equal(await net.dev.exited, 1)
  assert.match(net.dev.said(), /\nconcordat: [ab] was ended by SIGKILL \(log: .*\)\n$/)
  await allGone(pids)
}

async function stopsWhenAsked(net: Net): Promise<void> {
  await restart(net)
  const pids = children(net.data)
  net.dev.process.kill('SIGINT')
  assert.equal(await net.dev.exited, 0)
  await allGone(pids)
  assert.ok((await isFree(net.port)) && (await isFree(net.port + 1)))
}

async function beginsAnew(net: Net): Promise<void> {
  await restart(net, '--reset', '--parties', 'a', '--port', `${net.port}`)
  const list = await get(
    `http://127.0.0.1:${net.port}/api/v1/messages?type=broadcast&topics=default`,
  )
  assert.deepEqual(list, [])
  net.dev.process.kill('SIGTERM')
  assert.equal(await net.dev.exited, 0)
}

test('a network of two starts, agrees, survives its killers, and leaves nothing behind', async (t) => {
  const data = newFolder()
  const port = await twoPorts()
  const net: Net = { data, port, dev: startDev(data, '--parties', 'a,b', '--port', `${port}`) }
  t.after(() => net.dev.process.kill('SIGTERM'))
  await untilReady(net.dev)
  await arrived(port + 1, await broadcast(port, 'first'))
  await t.test('files with keys are for their owner only', () => keepsFilesPrivate(net))
  await t.test('a second one on the same data is refused, and one on a taken port', () =>
    refusesOthers(net),
  )
  await t.test('killed hard, its children end, and the next start goes on', () =>
    survivesItsKiller(net),
  )
  await t.test('all killed hard at once, the next start goes on', () =>
    survivesThatAllAreKilled(net),
  )
  await t.test('a child that dies ends the network with one line', () => endsWithAChild(net))
  await t.test('asked to stop, it stops everything and ends well', () => stopsWhenAsked(net))
  await t.test('--reset begins anew', () => beginsAnew(net))
})

test("a folder with somebody else's files is left alone", async () => {
  const data = newFolder()
  writeFileSync(join(data, 'thesis.txt'), 'years of work')
  const dev = startDev(data, '--reset')
  assert.equal(await dev.exited, 1)
  assert.match(dev.said(), /holds something else than a network/)
  assert.equal(readFileSync(join(data, 'thesis.txt'), 'utf8'), 'years of work')
})

test('the ports of the chain and the peers stay the same, and one that is taken is told', async () => {
  const data = newFolder()
  const port = await twoPorts()
  const dev = startDev(data, '--parties', 'a', '--port', `${port}`)
  await untilReady(dev)
  dev.process.kill('SIGTERM')
  assert.equal(await dev.exited, 0)
  const { chain } = JSON.parse(readFileSync(join(data, 'network.json'), 'utf8'))
  const stranger = createServer().listen(chain.port, '127.0.0.1')
  await once(stranger, 'listening')
  const again = startDev(data)
  assert.equal(await again.exited, 1)
  stranger.close()
  assert.match(again.said(), new RegExp(`port ${chain.port}, for the chain, is in use`))
})
