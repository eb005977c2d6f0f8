import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decide, type InstanceState } from '@concordat/protocol/process'
import { readBindings } from '../config/bindings.ts'
import { createEventLog } from '../events/event-log.ts'
import { silentLogger } from '../lib/logger.ts'
import { createSystemWorld } from '../lib/world.ts'
import type { StepWish } from '../processes/processes.ts'
import { BUYER, begin, namespace, openDatabase, rowOf, SELLER, START } from './order.testing.ts'
import { createTaskListener } from './task-listener.ts'
import { startTaskWork } from './task-work.ts'

const terms = { item: 'bolts', qty: 10, price: '2', currency: 'EUR' }
const rule = {
  when: 'state.offeredBy == "buyer"',
  do: 'accept',
  input: { round: 'state.round' },
}
const bindings = readBindings(
  { 'purchase-order@1': { rules: [rule] } },
  { path: '', faults: [], baseDir: '/' },
  () => '',
)

/** The order once the buyer has made an offer. */
function offer(state: InstanceState) {
  const { frame } = state
  const step = {
    instance: frame.instance,
    definition: frame.definition.hash,
    epoch: 0,
    step: 'propose',
    role: 'buyer',
    intent: 'once',
    input: terms,
    broken: false,
  }
  const message = { id: 'm', hash: '00'.repeat(32) }
  const payload = { kind: 'step' as const, step }
  return decide(state, { time: START + 1, author: BUYER, message, payload })
}

/** The seller's node, which hears of an offer `late` milliseconds after it was made. */
async function hear(late: number) {
  const database = await openDatabase()
  let now = START * 1000 + 1000 + late
  const world = { ...createSystemWorld(), now: () => now }
  const events = await createEventLog({
    namespace,
    database,
    world,
    onListenerError: assert.ifError,
  })
  const deps = { namespace, database, world, events, bindings: () => bindings }
  const isOurs = (did: string): boolean => did === SELLER
  const listener = createTaskListener({ ...deps, isOurs, onWork: () => {} })
  const before = begin(world.uuid())
  const { state, decisions } = offer(before)
  const folded = { process: rowOf(state), before, state, decisions }
  await database.transaction((tx) => listener.onFolded(tx, folded))
  const acceptance = () =>
    database.read
      .selectFrom('tasks')
      .selectAll()
      .where('step', '=', 'accept')
      .executeTakeFirstOrThrow()
  return {
    deps: { ...deps, listener },
    state,
    acceptance,
    pass: (ms: number) => {
      now += ms
    },
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  }
}

/** Lets the node work until it has sent a step. */
async function untilSent({ deps, state }: Awaited<ReturnType<typeof hear>>): Promise<StepWish[]> {
  const sent: StepWish[] = []
  const { promise: done, resolve } = Promise.withResolvers<void>()
  const submit = async (wish: StepWish) => {
    sent.push(wish)
    resolve()
    return { process: wish.process, step: wish.step, intent: wish.intent ?? '', message: 'm2' }
  }
  const row = rowOf(state)
  const spine = { find: async () => ({ row, state, savedN: 0 }) }
  const processes = { submit, tryOut: () => assert.fail('not asked for') }
  await using _work = startTaskWork({ ...deps, spine, processes, log: silentLogger })
  await done
  return sent
}

test('a rule decides in the transaction that tells it, and the step is sent once, after a stop too', async () => {
  await using seller = await hear(1000)
  const { state, submission, party } = await seller.acceptance()
  assert.equal(state, 'sent')
  // Nothing was running: this is the node as it is found after a crash.
  const [wish, ...others] = await untilSent(seller)
  assert.deepEqual(others, [])
  assert.equal(wish?.step, 'accept')
  assert.deepEqual({ ...wish?.input }, { round: 1 })
  assert.equal(wish?.author, party)
  assert.equal(wish?.intent, JSON.parse(submission ?? '{}').intent)
  const left = await seller.deps.database.read.selectFrom('taskWork').selectAll().execute()
  assert.deepEqual(
    left.map(({ kind }) => kind).filter((kind) => kind !== 'remind'),
    [],
  )
})

test('on old news nothing is decided until no more has come for a while', async () => {
  await using seller = await hear(3_600_000)
  assert.equal((await seller.acceptance()).state, 'open')
  seller.pass(30_000)
  const [wish] = await untilSent(seller)
  assert.equal(wish?.step, 'accept')
})
