import assert from 'node:assert/strict'
import { it } from 'node:test'
import { NodeError } from '@concordat/protocol'
import { createSystemWorld } from '../../lib/world.ts'
import { connectClient } from '../testing.ts'
import { startServer } from './testing.ts'

const failing = async (
  path: string,
  frames: readonly (object | string)[],
  authorize?: (namespace: string) => Promise<void>,
): Promise<string> => {
  await using at = await startServer({}, authorize)
  await at.create('sub1')
  await using client = await connectClient(`${at.url}${path}`)
  for (const frame of frames) {
    client.socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame))
  }
  const frame = await client.next()
  assert.equal(frame.type, 'protocol_error')
  await client.closed
  while (at.server.sockets.status().connections.length > 0) await at.node.world.sleep(1)
  return String(frame.error).slice(0, 7)
}
const start = { type: 'start', namespace: 'default', name: 'sub1' }
const cases: [string, string, string, (object | string)[]][] = [
  ['garbage', 'FF10176', '/ws', ['{']],
  ['a wrong type of field', 'FF10176', '/ws', [{ ...start, name: 5 }]],
  ['an unknown frame', 'FF10177', '/ws', [{ type: 'nack' }]],
  ['a start without a namespace', 'FF10178', '/ws', [{ type: 'start', name: 'sub1' }]],
  ['a start without a name', 'FF10178', '/ws', [{ type: 'start', namespace: 'default' }]],
  ['a URL without a namespace', 'FF10178', '/ws?name=sub1', []],
  ['another autoack', 'FF10179', '/ws', [start, { ...start, name: 'sub2', autoack: true }]],
  ['an ack with autoack', 'FF10180', '/ws', [{ ...start, autoack: true }, { type: 'ack' }]],
  ['an ack of nothing', 'FF10175', '/ws', [start, { type: 'ack', id: 'none' }]],
  ['an unknown namespace', 'FF10187', '/ws', [{ ...start, namespace: 'other' }]],
  ['another namespace', 'FF10462', '/default', [{ ...start, namespace: 'other' }]],
  [
    'values',
    'FF10244',
    '/default',
    [{ type: 'start', ephemeral: true, options: { withData: true } }],
  ],
  [
    'a bad pattern',
    'FF10195',
    '/default',
    [{ type: 'start', ephemeral: true, filter: { events: '(' } }],
  ],
  ['a bad readahead', 'FF10176', '/default?ephemeral&readahead=x', []],
]
for (const [what, code, path, frames] of cases) {
  it(`answers ${what} with ${code} and closes`, async () => {
    assert.equal(await failing(path, frames), code)
  })
}

it('asks for the right to each namespace, and tells who may not', async () => {
  const refuse = async (): Promise<void> => {
    throw new NodeError('FF00169')
  }
  assert.equal(await failing('/ws', [start], refuse), 'FF00169')
})

it('keeps frames in order while a right is being checked', async () => {
  const world = createSystemWorld()
  await using at = await startServer({}, () => world.sleep(2))
  await at.create('sub1', { readAhead: 9 })
  const rows = await at.node.confirm(5)
  await using client = await connectClient(`${at.url}/ws`)
  client.send(start)
  for (const frame of await client.take(5)) client.ack(frame)
  const [more] = await at.node.confirm(1)
  assert.equal((await client.next()).id, more?.id)
  client.send({ type: 'ack', id: more?.id, subscription: { namespace: 'default', name: 'sub1' } })
  await client.ping()
  assert.equal(rows.length, 5)
})

it('lists its connections', async () => {
  await using at = await startServer()
  await using client = await connectClient(`${at.url}/ws`)
  client.send(start)
  client.send({ type: 'start', namespace: 'default', ephemeral: true, filter: { events: 'x' } })
  await at.started(2)
  const { enabled, connections } = at.server.sockets.status()
  assert.equal(enabled, true)
  assert.equal(connections[0]?.userAgent, '')
  assert.match(connections[0]?.remoteAddress ?? '', /^127\.0\.0\.1:\d+$/)
  const [durable, ephemeral] = connections[0]?.subscriptions ?? []
  assert.deepEqual([durable?.name, durable?.ephemeral], ['sub1', false])
  assert.deepEqual([ephemeral?.filter, ephemeral?.ephemeral], [{ events: 'x' }, true])
})

it('closes a connection that sends too large a frame', async () => {
  await using at = await startServer({ maxFrame: 1000 })
  await using client = await connectClient(`${at.url}/ws`)
  client.socket.send('x'.repeat(2000))
  assert.equal(await client.closed, 1009)
})

it('cuts off a client that shows no sign of life', async () => {
  await using at = await startServer({ heartbeatMs: 10 })
  const client = await connectClient(`${at.url}/ws`)
  client.socket.pause()
  while (at.server.sockets.status().connections.length > 0) await at.node.world.sleep(1)
  client.socket.resume()
  assert.equal(await client.closed, 1006)
})
