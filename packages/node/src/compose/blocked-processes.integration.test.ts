import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Database } from '../store/database.ts'
import type { ProcessRow, ProcessWorkRow } from '../store/process-schema.ts'
import { forEachDialect } from '../store/testing.ts'
import { blockedProcesses } from './blocked-processes.ts'

const TIME = '2026-01-02T03:04:05.000000000Z'
const HASH = 'ab'.repeat(32)
const idOf = (n: number): string => `00000000-0000-4000-8000-00000000000${n}`

const process = (seq: number, status: string, reason: string | null): ProcessRow => ({
  seq,
  namespace: 'default',
  id: idOf(seq),
  flow: HASH,
  name: 'tally',
  version: '1.0.0',
  groupHash: HASH,
  creator: 'did:firefly:org/a',
  message: idOf(seq),
  status,
  reason,
  n: 0,
  hash: HASH,
  clock: 0,
  nextDue: null,
  view: '{}',
  nextEvent: 1,
  saved: null,
  savedEvent: 0,
  created: TIME,
  updated: TIME,
})

const work = (
  seq: number,
  process: number,
  rest: Pick<ProcessWorkRow, 'kind' | 'key' | 'state' | 'tries' | 'reason'>,
): ProcessWorkRow => ({
  seq,
  namespace: 'default',
  process: idOf(process),
  n: 1,
  due: 0,
  intents: 0,
  content: '{}',
  reference: null,
  created: TIME,
  updated: TIME,
  ...rest,
})

const fill = async (database: Database): Promise<void> => {
  await database.transaction(async (tx) => {
    await tx.insertMany('processes', [
      process(1, 'waiting', 'an earlier message is not decided'),
      process(2, 'parked', 'it uses token.mint'),
      process(3, 'halted', 'TIMEOUT_STORM'),
      process(4, 'running', null),
      process(5, 'closed', null),
    ])
    await tx.insertMany('processWork', [
      work(1, 4, { kind: 'effect', key: '1:a', state: 'failed', tries: 0, reason: 'no such' }),
      work(2, 5, { kind: 'effect', key: '1:b', state: 'failed', tries: 0, reason: 'over' }),
      work(3, 5, { kind: 'link', key: 'x@1/y', state: 'open', tries: 7, reason: 'no flow' }),
      work(4, 4, { kind: 'effect', key: '2:a', state: 'open', tries: 1, reason: 'not yet' }),
      work(5, 4, { kind: 'schedule', key: 's', state: 'open', tries: 99, reason: 'not now' }),
      work(6, 4, { kind: 'effect', key: '3:a', state: 'done', tries: 0, reason: null }),
    ])
    const sync = { namespace: 'default', cursor: 12, due: 1_800_000_000, updated: TIME }
    await tx.insertMany('processSyncs', [
      { ...sync, name: 'tally@1/erp', tries: 6, reason: 'it answered 500' },
      { ...sync, name: 'tally@1/well', tries: 0, reason: null },
    ])
  })
}

forEachDialect((_dialect, create) => {
  let database: Database
  before(async () => {
    const place = await create()
    database = await place.open()
    await fill(database)
  })
  after(() => database[Symbol.asyncDispose]())

  test('what stands still is told with its kind, and what to do', async () => {
    const blocked = await blockedProcesses('default', database)
    assert.deepEqual(
      blocked.map(({ blockedBy, context }) => [blockedBy.kind, context, blockedBy.detail]),
      [
        [
          'waiting_process',
          idOf(1),
          'an earlier message is not decided; it goes on by itself once that is decided',
        ],
        [
          'parked_process',
          idOf(2),
          'it uses token.mint; a version of this node that knows it goes on when it is started',
        ],
        [
          'halted_process',
          idOf(3),
          'TIMEOUT_STORM; nothing is decided on it any more: begin another one, under a corrected definition',
        ],
        [
          'stuck_work',
          'effect 1:a',
          'effect 1:a: no such; it is not tried again: somebody has to take the process on by hand',
        ],
        [
          'stuck_work',
          'link x@1/y',
          'link x@1/y: no flow; it is tried again; correct the bindings, or remove the link',
        ],
        [
          'unreachable_system',
          'tally@1/erp',
          'tally@1/erp was told of steps up to 12, then it answered 500; it is told again at 2027-01-15T08:00:00Z',
        ],
      ],
    )
    assert.equal(blocked[0]?.topic, `ffp-${idOf(1)}`)
    assert.equal(blocked[0]?.since, '2026-01-02T03:04:05Z')
  })

  test('another namespace has nothing that stands still', async () => {
    assert.deepEqual(await blockedProcesses('other', database), [])
  })
})
