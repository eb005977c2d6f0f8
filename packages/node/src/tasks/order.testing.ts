import assert from 'node:assert/strict'
import {
  createInstance,
  describeInstance,
  type InstanceState,
  loadDefinition,
  templates,
} from '@concordat/protocol/process'
import { loadYaml } from '@concordat/protocol/process/yaml'
import type { Database } from '../store/database.ts'
import { migrate } from '../store/migrate.ts'
import type { ProcessRow } from '../store/process-schema.ts'
import { openSqlite } from '../store/sqlite.ts'

export const namespace = 'default'
export const BUYER = 'did:firefly:org/a'
export const SELLER = 'did:firefly:org/b'
/** Ledger time of the creation: Unix seconds. */
export const START = 1_700_000_000
const CREATED = '2024-01-01T00:00:00.000000000Z'
export const definition = loadDefinition(loadYaml(templates['purchase-order']).document).definition

/** An order between the two. */
export function begin(instance: string, of = definition): InstanceState {
  const parties = { buyer: [BUYER], seller: [SELLER] }
  const members = [BUYER, SELLER]
  assert(of)
  const made = createInstance(
    of,
    { instance, definition: of.hash, parties },
    { author: BUYER, time: START, members, adopted: members },
  )
  assert(made.outcome === 'created')
  return made.state
}

export const rowOf = (state: InstanceState): ProcessRow => ({
  seq: 1,
  namespace,
  id: state.frame.instance,
  flow: state.frame.definition.hash,
  name: 'purchase-order',
  version: '1.0.0',
  groupHash: '',
  creator: BUYER,
  message: '',
  status: 'running',
  reason: null,
  n: state.n,
  hash: state.hash,
  clock: state.clock,
  nextDue: null,
  view: JSON.stringify(describeInstance(state)),
  nextEvent: 0,
  saved: null,
  savedEvent: 0,
  created: CREATED,
  updated: CREATED,
})

export async function openDatabase(): Promise<Database> {
  const database = await openSqlite({ file: ':memory:' })
  await migrate(database, { auto: true, now: CREATED })
  return database
}
