import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NodeError, RawJson } from '@concordat/protocol'
import { createSystemWorld } from '../lib/world.ts'
import type { Database } from '../store/database.ts'
import type { MessageRow } from '../store/schema.ts'
import { forEachDialect, type TestDatabase } from '../store/testing.ts'
import { type Draft, draftData, draftMessage, type Place } from './draft.ts'
import type { NewGroup } from './groups.ts'
import { createMessageWriter, type Writing } from './writer.ts'

const world = createSystemWorld()
const place: Place = {
  namespace: 'default',
  networkName: 'net1',
  created: '2024-01-02T03:04:05.06Z',
  uuid: world.uuid,
}
const signer = { author: 'did:firefly:org/org_0', key: '0x01' }
const GROUP = 'ab'.repeat(32)

function draft(idempotencyKey?: string, group?: string): Draft {
  const data = draftData(place, { value: new RawJson('{"a":1}') })
  return draftMessage(
    place,
    { ...signer, type: 'private', txtype: 'batch_pin', idempotencyKey, group },
    [{ kind: 'new', data }],
  )
}

const idOf = ({ message }: Draft): string => message.header.id

/** A group of its own, that two requests may both be first to use. */
function newGroup(): NewGroup {
  const announcement = draft(undefined, GROUP)
  const row = {
    namespace: 'default',
    networkNamespace: 'net1',
    hash: GROUP,
    name: '',
    members: '[]',
    message: idOf(announcement),
    created: '2024-01-02T03:04:05.060000000Z',
  }
  return { row, draft: announcement }
}

/** A draft that no table takes: its one data is there twice. */
function brokenDraft(): Draft {
  const good = draft()
  return { ...good, data: [...good.data, ...good.data] }
}

function createWriter(database: Database) {
  const told: MessageRow[][] = []
  const writer = createMessageWriter({
    namespace: 'default',
    database,
    world,
    onWritten: (messages) => told.push([...messages]),
  })
  const write = (...writings: Writing[]): Promise<PromiseSettledResult<void>[]> =>
    Promise.allSettled(writings.map((writing) => writer.write(writing)))
  return { write, told }
}

const readMessages = (database: Database): Promise<MessageRow[]> =>
  database.read.selectFrom('messages').selectAll().orderBy('seq').execute()

async function readIds(database: Database): Promise<string[]> {
  return (await readMessages(database)).map(({ id }) => id)
}

function assertRefused(result: PromiseSettledResult<void> | undefined, owner: string): void {
  assert.ok(result?.status === 'rejected' && result.reason instanceof NodeError)
  assert.equal(result.reason.code, 'FF10430')
  assert.match(result.reason.message, new RegExp(owner))
}

function writing(create: () => Promise<TestDatabase>): void {
  test('requests that come together are durable together, in order, and told once', async () => {
    await using database = await (await create()).open()
    const { write, told } = createWriter(database)
    const drafts = [draft(), draft(), draft()]
    await write(...drafts.map((each) => ({ draft: each })))
    assert.deepEqual(await readIds(database), drafts.map(idOf))
    assert.deepEqual(told, [await readMessages(database)])
    const data = await database.read.selectFrom('data').select('id').orderBy('seq').execute()
    const links = await database.read.selectFrom('messageData').selectAll().execute()
    assert.deepEqual(
      data.map(({ id }) => id),
      drafts.flatMap((each) => each.data.map(({ id }) => id)),
    )
    assert.equal(links.length, 3)
  })

  test('a new group is announced once, before its first message', async () => {
    await using database = await (await create()).open()
    const { write } = createWriter(database)
    const [first, second, later] = [draft(), draft(), draft()]
    const announced = newGroup()
    await write({ draft: first, newGroup: announced }, { draft: second, newGroup: newGroup() })
    await write({ draft: later, newGroup: newGroup() })
    assert.deepEqual(await readIds(database), [announced.draft, first, second, later].map(idOf))
    const groups = await database.read.selectFrom('groups').select(['hash', 'message']).execute()
    assert.deepEqual(groups, [{ hash: GROUP, message: idOf(announced.draft) }])
  })
}

function refusing(create: () => Promise<TestDatabase>): void {
  test('a key used twice in one group is refused, with the id of the message that has it', async () => {
    await using database = await (await create()).open()
    const { write } = createWriter(database)
    const [first, second, other] = [draft('key'), draft('key'), draft('other')]
    const results = await write({ draft: first }, { draft: second }, { draft: other })
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    )
    assertRefused(results[1], idOf(first))
    assert.deepEqual(await readIds(database), [idOf(first), idOf(other)])
    const data = await database.read.selectFrom('data').select('id').execute()
    assert.equal(data.length, 2, 'a refused message leaves no data behind')
  })

  test('a key used before is refused, whenever that was', async () => {
    const place = await create()
    const first = draft('key')
    {
      await using database = await place.open()
      await createWriter(database).write({ draft: first })
    }
    await using database = await place.open()
    const { write, told } = createWriter(database)
    const [result] = await write({ draft: draft('key') })
    assertRefused(result, idOf(first))
    assert.deepEqual(await readIds(database), [idOf(first)])
    assert.deepEqual(told.flat(), [])
  })

  test('a request that cannot be written fails alone', async () => {
    await using database = await (await create()).open()
    const { write, told } = createWriter(database)
    const [first, last] = [draft(), draft()]
    const results = await write({ draft: first }, { draft: brokenDraft() }, { draft: last })
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    )
    assert.deepEqual(await readIds(database), [idOf(first), idOf(last)])
    assert.deepEqual(
      told.flat().map(({ id }) => id),
      [idOf(first), idOf(last)],
    )
  })
}

forEachDialect((_, create) => {
  writing(create)
  refusing(create)
})
