import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createPorts, isFree } from './dev/ports.ts'
import { markOf } from './dev/processes.ts'
import { noSmallDisk, SmallDisk, type Started } from './small-disk.testing.ts'

const program = fileURLToPath(new URL('./main.ts', import.meta.url))
const onSmallDisk = { skip: noSmallDisk }
const limitMs = 90_000

async function until(what: string, isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const limit = Date.now() + limitMs
  while (!(await isTrue())) {
    assert.ok(Date.now() < limit, `waited in vain for ${what}`)
    await delay(50)
  }
}

async function untilSaid({ said, ended }: Started, words: string): Promise<void> {
  let code: number | undefined
  void ended.then((ending) => {
    code = ending
  })
  await until(words, () => {
    assert.equal(code, undefined, said())
    return said().includes(words)
  })
}

const post = async (url: string, body: object): Promise<Response> =>
  await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(20_000),
  })

/** Of the data or message in a reply. */
function toId(body: string): string {
  const { id, header } = JSON.parse(body)
  return header?.id ?? id
}

const idOf = async (reply: Promise<Response>): Promise<string> => toId(await (await reply).text())

interface Outcome {
  /** Ids of what was accepted. */
  readonly accepted: readonly string[]
  /** Status and error of what was refused by an answer. */
  readonly refused: readonly string[]
}

/** Calls until there is nobody to answer any more. */
async function callUntilGone(call: () => Promise<Response>): Promise<Outcome> {
  const accepted: string[] = []
  const refused: string[] = []
  for (;;) {
    try {
      const response = await call()
      const body = await response.text()
      if (!response.ok) refused.push(`${response.status} ${body}`)
      else accepted.push(toId(body))
    } catch {
      return { accepted, refused }
    }
  }
}

/** Nobody is told of what is inside the node, nor that something is done that is not. */
function onlyFullDisk({ refused }: Outcome): void {
  for (const answer of refused) assert.match(answer, /^507 \{"error":"CC20305: The disk is full/)
}

const complaints = (text: string): string[] =>
  text.split('\n').filter((line) => line.startsWith('concordat: '))

test(
  'a node on a full disk says so and ends; with room again it has all it accepted',
  onSmallDisk,
  async () => {
    await using disk = new SmallDisk(24)
    const port = await createPorts([]).choose()
    const config = join(disk.dir, 'config.yaml')
    const yaml = `http: { port: ${port} }\nplugins: { database: [{ name: db, type: sqlite3 }] }\nnamespaces: { predefined: [{ name: default }] }`
    await disk.run(`printf '${yaml.replaceAll('\n', '\\n')}' > ${config}`)
    const url = `http://127.0.0.1:${port}/api/v1/data`
    const node = disk.start([program, 'start', '-f', config])
    await untilSaid(node, 'API at ')
    const first = await idOf(post(url, { value: 'first' }))
    assert.equal(await disk.fill(), 0)
    const outcome = await callUntilGone(() => post(url, { value: 'x'.repeat(10_000) }))
    assert.equal(await node.ended, 1)
    onlyFullDisk(outcome)
    const [line = '', ...others] = complaints(node.said())
    assert.match(line, /^concordat: the disk under .* is full, or fails; make room and start again/)
    assert.deepEqual(others, [])

    // Started on a disk that is still full, it may run as long as what it has room for.
    const early = disk.start([program, 'start', '-f', config])
    await Promise.race([early.ended, untilSaid(early, 'API at ').catch(() => {})])
    const more = await callUntilGone(() => post(url, { value: 'x'.repeat(10_000) }))
    assert.equal(await early.ended, 1)
    onlyFullDisk(more)
    assert.equal(complaints(early.said()).length, 1, early.said())

    await disk.makeRoom()
    const again = disk.start([program, 'start', '-f', config])
    await untilSaid(again, 'API at ')
    for (const id of [first, ...outcome.accepted, ...more.accepted])
      assert.equal((await fetch(`${url}/${id}`)).status, 200, id)
    assert.equal((await post(url, { value: 'after' })).status, 201)
  },
)

const broadcast = (port: number, value: string): Promise<Response> =>
  post(`http://127.0.0.1:${port}/api/v1/messages/broadcast`, { data: [{ value }] })

const arrived = (port: number, id: string): Promise<void> =>
  until(`${id} at ${port}`, async () => {
    const query = `http://127.0.0.1:${port}/api/v1/messages?id=${id}&state=confirmed`
    const list: unknown = await (await fetch(query)).json()
    return Array.isArray(list) && list.length === 1
  })

/** Two ports in a row, as `dev` wants them. */
async function twoPorts(): Promise<number> {
  const ports = createPorts([])
  for (;;) {
    const port = await ports.choose()
    if (await isFree(port + 1)) return port
  }
}

test(
  'a network on a full disk ends with one line and leaves nothing running; with room again it goes on',
  onSmallDisk,
  async () => {
    await using disk = new SmallDisk(64)
    const port = await twoPorts()
    const data = join(disk.dir, 'net')
    const args = [program, 'dev', '--data', data, '--parties', 'a,b', '--port', `${port}`]
    const dev = disk.start(args)
    await untilSaid(dev, 'Ready after')
    const pids: number[] = JSON.parse(await disk.run(`cat ${data}/run.json`)).map(
      ({ pid }: { pid: number }) => pid,
    )
    const before = await idOf(broadcast(port, 'before'))
    await arrived(port + 1, before)
    await disk.fill()
    const outcome = await callUntilGone(() => broadcast(port, 'x'.repeat(5_000)))
    assert.equal(await dev.ended, 1)
    onlyFullDisk(outcome)
    assert.equal(complaints(dev.said()).length, 1, dev.said())
    assert.match(dev.said(), /\nconcordat: .*disk.* full.*\n$/)
    assert.equal(pids.length, 5)
    assert.deepEqual((await Promise.all(pids.map(markOf))).filter(Boolean), [])

    await disk.makeRoom()
    const again = disk.start(args)
    await untilSaid(again, 'Ready after')
    const after = await idOf(broadcast(port + 1, 'after'))
    for (const id of [before, ...outcome.accepted, after])
      for (const each of [port, port + 1]) await arrived(each, id)
  },
)
