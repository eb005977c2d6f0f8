import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Decision, decide, type InstanceState, openTasks } from '@concordat/protocol/process'
import fc from 'fast-check'
import { noBindings } from '../config/bindings.ts'
import { createEventLog } from '../events/event-log.ts'
import { createSystemWorld } from '../lib/world.ts'
import type { Database } from '../store/database.ts'
import {
  BUYER,
  begin,
  definition,
  namespace,
  openDatabase,
  rowOf,
  SELLER,
} from './order.testing.ts'
import { createTaskListener } from './task-listener.ts'
import { keyOf } from './wanted-tasks.ts'

const world = createSystemWorld()
assert(definition)

/** Inputs that may count or not, by step. */
const inputs: Readonly<Record<string, object>> = {
  propose: { item: 'bolts', qty: 10, price: '2', currency: 'EUR' },
  counter: { price: '3' },
  accept: { round: 1 },
  deliver: { qty: 10 },
  invoice: { net: '20', vatRate: '0', total: '20.00' },
}

interface Move {
  readonly step: string
  readonly buyer: boolean
  readonly seconds: number
  /** Folded together with the one before it. */
  readonly together: boolean
}

const move: fc.Arbitrary<Move> = fc.record({
  step: fc.constantFrom(...definition.steps.keys()),
  buyer: fc.boolean(),
  seconds: fc.constantFrom(1, 60, 86_400),
  together: fc.boolean(),
})

function play(state: InstanceState, { step, buyer, seconds }: Move, i: number) {
  const author = buyer ? BUYER : SELLER
  const { frame, clock } = state
  const message = { id: `m${i}`, hash: '00'.repeat(32) }
  const role = buyer ? 'buyer' : 'seller'
  const submitted = {
    instance: frame.instance,
    definition: frame.definition.hash,
    epoch: 0,
    step,
    role,
    intent: `i${i}`,
    input: { ...inputs[step] },
    broken: false,
  }
  const payload = { kind: 'step' as const, step: submitted }
  return decide(state, { time: clock + seconds, author, message, payload })
}

const openAt = async (database: Database, process: string): Promise<string[]> => {
  const rows = await database.read
    .selectFrom('tasks')
    .selectAll()
    .where('process', '=', process)
    .where('endedBy', 'is', null)
    .execute()
  return rows.map(keyOf).sort()
}

describe('inbox', () => {
  test('L1: a task is open if and only if its step is acceptable, up to its input', async () => {
    await using database = await openDatabase()
    const events = await createEventLog({
      namespace,
      database,
      world,
      onListenerError: assert.ifError,
    })
    const property = fc.asyncProperty(
      fc.array(move, { maxLength: 25 }),
      fc.constantFrom<(readonly string[])[]>([BUYER], [SELLER], [BUYER, SELLER]),
      async (moves, ours) => {
        const isOurs = (did: string): boolean => ours.includes(did)
        const bindings = () => noBindings
        const listener = createTaskListener({
          namespace,
          world,
          events,
          bindings,
          isOurs,
          onWork: () => {},
        })
        const process = world.uuid()
        let told: InstanceState | undefined
        let state = begin(process)
        let decisions: Decision[] = []
        const tell = async (): Promise<void> => {
          const folded = { process: rowOf(state), before: told, state, decisions }
          await database.transaction((tx) => listener.onFolded(tx, folded))
          const wanted = ours.flatMap((party) =>
            openTasks(state, party).map((task) => keyOf({ ...task, party })),
          )
          assert.deepEqual(await openAt(database, process), wanted.sort())
          told = state
          decisions = []
        }
        await tell()
        for (const [i, each] of moves.entries()) {
          const made = play(state, each, i)
          state = made.state
          decisions.push(...made.decisions)
          if (!each.together) await tell()
        }
        await tell()
      },
    )
    await fc.assert(property, { numRuns: 150 })
    const { total } = await database.read
      .selectFrom('tasks')
      .select((eb) => eb.fn.countAll<number>().as('total'))
      .where('state', '=', 'done')
      .executeTakeFirstOrThrow()
    assert(total > 20, 'steps were taken')
  })
})
