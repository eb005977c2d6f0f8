import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadDefinition, templates } from '@concordat/protocol/process'
import { loadYaml } from '@concordat/protocol/process/yaml'
import { noBindings } from '../config/bindings.ts'
import { createEventLog } from '../events/event-log.ts'
import { silentLogger } from '../lib/logger.ts'
import { createSystemWorld } from '../lib/world.ts'
import { BUYER, begin, namespace, openDatabase, rowOf, START } from './order.testing.ts'
import { createTaskListener } from './task-listener.ts'
import { startTaskWork } from './task-work.ts'

/** An order that can be proposed within a minute. */
const { document } = loadYaml(
  templates['purchase-order'].replace(
    'when: [ { code: PRICE_POSITIVE,',
    `when: [ { code: TOO_LATE, rule: now < ${START + 60} }, { code: PRICE_POSITIVE,`,
  ),
)

test('L1: what time alone makes impossible is closed, though nothing happens', async () => {
  await using database = await openDatabase()
  let now = START * 1000
  const world = { ...createSystemWorld(), now: () => now }
  const onListenerError = assert.ifError
  const events = await createEventLog({ namespace, database, world, onListenerError })
  const deps = { namespace, database, world, events, bindings: () => noBindings }
  const isOurs = (did: string): boolean => did === BUYER
  const listener = createTaskListener({ ...deps, isOurs, onWork: () => {} })
  const state = begin(world.uuid(), loadDefinition(document).definition)
  const row = rowOf(state)
  await database.transaction(async (tx) => {
    await tx.insertMany('processes', [row])
    await listener.onFolded(tx, { process: row, state, decisions: [] })
  })
  const tasks = () => database.read.selectFrom('tasks').select(['step', 'state']).execute()
  assert.deepEqual(await tasks(), [{ step: 'propose', state: 'open' }])

  const { promise: closed, resolve } = Promise.withResolvers<void>()
  events.onAppend((told) => {
    if (told.some(({ type }) => type === 'process_task_closed')) resolve()
  })
  now += 90_000
  await using _work = startTaskWork({
    ...deps,
    listener,
    log: silentLogger,
    spine: { find: async () => ({ row, state, savedN: 0 }) },
    processes: { submit: () => assert.fail(), tryOut: () => assert.fail() },
  })
  await closed
  assert.deepEqual(await tasks(), [{ step: 'propose', state: 'gone' }])
})
