import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createInstance, type InstanceState, loadDefinition } from '@concordat/protocol/process'
import { openTestDatabase } from '../identity/directory.testing.ts'
import { silentLogger } from '../lib/logger.ts'
import { createSystemWorld } from '../lib/world.ts'
import type { Database } from '../store/database.ts'
import type { ProcessRow } from '../store/process-schema.ts'
import { columnsOf } from './instance.ts'
import { lookAtDeadlines } from './ticks.ts'

const ID = '6ec0a1f5-0ad2-4cd7-8bb4-0e5b9a4f7a10'
const HASH = 'ab'.repeat(32)
const TIME = '2026-01-02T03:04:05.000000000Z'
const members = ['did:firefly:org/a', 'did:firefly:org/b', 'did:firefly:org/c']
/** Unix seconds of the deadline. */
const DUE = 87_400

/** Of three alike; its one deadline falls due a day after second 1000. */
function begin(): InstanceState {
  const { definition } = loadDefinition({
    flow: 'flow/1',
    name: 'wait',
    version: '1.0.0',
    govern: { consent: 'standing' },
    roles: { member: { many: true } },
    stages: { main: { initial: 'open', values: ['open', 'over'], final: ['over'] } },
    steps: { end: { by: ['member'], in: { main: 'open' }, to: { main: 'over' } } },
    deadlines: { late: { track: 'main', stage: 'open', after: 'P1D', to: { main: 'over' } } },
  })
  assert(definition)
  const [author = ''] = members
  const made = createInstance(
    definition,
    { instance: ID, definition: definition.hash, parties: { member: members } },
    { author, time: 1000, members, adopted: members },
  )
  assert(made.outcome === 'created')
  return made.state
}

const rowOf = (state: InstanceState): ProcessRow => ({
  seq: 1,
  namespace: 'default',
  id: ID,
  flow: HASH,
  name: 'wait',
  version: '1.0.0',
  groupHash: HASH,
  creator: members[0] ?? '',
  message: ID,
  nextEvent: 1,
  saved: null,
  savedEvent: 0,
  created: TIME,
  updated: TIME,
  ...columnsOf(state),
})

/** A node that looks at deadlines at given times; what it sends is written down as messages are. */
async function openNode(database: Database, own: string) {
  const state = begin()
  const row = rowOf(state)
  await database.transaction((tx) => tx.insertMany('processes', [row]))
  const keys: string[] = []
  let now = 0
  const deps = {
    namespace: 'default',
    database,
    world: createSystemWorld(),
    log: silentLogger,
    clock: { now: async () => now },
    isOurs: (did: string) => did === own,
    spine: { find: async () => ({ row, state, savedN: 0 }) },
    messages: {
      sendPrivate: (input: { readonly idempotencyKey?: string }) =>
        write(database, keys, input.idempotencyKey ?? ''),
    },
  }
  return {
    keys,
    /** What it has sent when it has looked at this time. */
    async lookAt(seconds: number): Promise<number> {
      now = seconds
      await lookAtDeadlines(deps as never, new AbortController().signal)
      return keys.length
    },
    settle: () =>
      database.transaction(async ({ db }) => {
        await db.updateTable('messages').set({ state: 'confirmed' }).execute()
      }),
  }
}

async function write(database: Database, keys: string[], key: string): Promise<void> {
  const seq = keys.push(key)
  const text = `${seq}`.padStart(64, '0')
  const none = { txtype: null, cid: null, groupHash: null, tag: null, txparentType: null }
  const nothing = { txparentId: null, batch: null, tx: null, confirmed: null, rejectReason: null }
  await database.transaction((tx) =>
    tx.insertMany('messages', [
      {
        ...none,
        ...nothing,
        seq,
        namespace: 'default',
        id: text,
        type: 'private',
        author: '',
        key: '',
        created: TIME,
        networkNamespace: 'default',
        topics: '',
        datahash: HASH,
        hash: text,
        state: 'ready',
        pins: null,
        idempotencyKey: key,
        dataRefs: '[]',
        size: 1,
      },
    ]),
  )
}

test('the first party ticks in the second after the due one, and not again while that is under way', async () => {
  await using database = await openTestDatabase()
  const node = await openNode(database, members[0] ?? '')
  assert.equal(await node.lookAt(DUE), 0)
  assert.equal(await node.lookAt(DUE + 1), 1)
  assert.deepEqual(node.keys, [`ffp.tick:${ID}:${DUE}`])
  assert.equal(await node.lookAt(DUE + 10_000), 1)
})

test('a tick that came to nothing is followed by others, each after twice the time', async () => {
  await using database = await openTestDatabase()
  const node = await openNode(database, members[0] ?? '')
  await node.lookAt(DUE + 1)
  await node.settle()
  assert.equal(await node.lookAt(DUE + 30), 1)
  assert.equal(await node.lookAt(DUE + 31), 2)
  await node.settle()
  assert.equal(await node.lookAt(DUE + 90), 2)
  assert.equal(await node.lookAt(DUE + 91), 3)
  assert.equal(node.keys.at(-1), `ffp.tick:${ID}:${DUE}:2`)
})

test('the others follow in their turn', async () => {
  for (const [i, own] of members.entries()) {
    await using database = await openTestDatabase()
    const node = await openNode(database, own)
    assert.equal(await node.lookAt(DUE + 30 * i), 0)
    assert.equal(await node.lookAt(DUE + 30 * i + 1), 1)
  }
})

test('a node without a party there does nothing', async () => {
  await using database = await openTestDatabase()
  const node = await openNode(database, 'did:firefly:org/stranger')
  assert.equal(await node.lookAt(DUE + 100_000), 0)
})
