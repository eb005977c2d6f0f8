import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { sha256Hex } from '#sha256'
import { canonicalJson, toCanonical } from '../values/canonical.ts'
import type { Json, JsonMap } from '../values/value.ts'
import type { DecisionRecord, TimeoutRecord } from './records.ts'
import { restoreState, type SavedState, saveState } from './saved-state.ts'
import type { InstanceState } from './state.ts'
import { performance } from './testing/performance.testing.ts'
import type { Performance } from './testing/plays.testing.ts'
import {
  begin,
  didOf,
  fold,
  INSTANCE,
  makeScene,
  type Sent,
  stepValues,
} from './testing/scene.testing.ts'
import { writeTick } from './wire/messages.ts'

const RUNS = 150

const holds = (name: string, check: (run: Performance) => void, numRuns = RUNS): void => {
  test(name, () => fc.assert(fc.property(performance, check), { numRuns }))
}

const isMap = (json: Json): json is JsonMap =>
  typeof json === 'object' && json !== null && !Array.isArray(json)

/** The same JSON with all keys the other way round. */
function turned(json: Json): Json {
  if (Array.isArray(json)) return json.map(turned)
  if (!isMap(json)) return json
  return Object.fromEntries(
    Object.entries(json)
      .reverse()
      .map(([key, value]) => [key, turned(value)]),
  )
}

const turnedText = (text: string): string => {
  try {
    return JSON.stringify(turned(JSON.parse(text)), null, 1)
  } catch {
    return text
  }
}

holds(
  'C1 who reads the same definition and messages, however they are written, decides alike',
  (run) => {
    const { play, start, sent } = run
    const document = turned(play.scene.document)
    assert.ok(isMap(document))
    const names = (list: readonly string[]): string =>
      list.map((did) => did.slice(did.lastIndexOf('/') + 1)).join(' ')
    const cast = Object.entries(play.scene.parties).map(([role, list]) => [role, names(list)])
    const scene = makeScene(document, Object.fromEntries(cast.reverse()))
    const consented = [...start.frame.rolesOf.keys()].filter(
      (did) => !start.situation.waiting.includes(did),
    )
    const creator = consented[0] ?? ''
    const other = begin({ ...scene, parties: play.scene.parties }, [...consented, creator])
    const written = sent.map((each) => ({ ...each, values: each.values.map(turnedText) }))
    assert.deepEqual(fold(other, written).hashes, fold(start, sent).hashes)
  },
)

holds('C2 what was decided once is never decided otherwise', ({ start, sent }) => {
  const all = fold(start, sent).hashes
  for (const cut of [1, sent.length >> 1, sent.length - 1]) {
    const some = fold(start, sent.slice(0, cut)).hashes
    assert.deepEqual(some, all.slice(0, some.length))
  }
})

test('C4 the events of other instances in between change nothing', () => {
  const pair = fc.tuple(performance, performance, fc.array(fc.boolean()))
  fc.assert(
    fc.property(pair, ([a, b, order]) => {
      const alone = [fold(a.start, a.sent).hashes, fold(b.start, b.sent).hashes]
      const hashes: string[][] = [[], []]
      const states: InstanceState[] = [a.start, b.start]
      const left = [[...a.sent], [...b.sent]]
      for (let i = 0; left.flat().length > 0; i++) {
        const which = order[i % (order.length || 1)] === true ? 1 : 0
        const index = left[which]?.length === 0 ? 1 - which : which
        const next = left[index]?.shift()
        const state = states[index]
        if (next === undefined || state === undefined) continue
        const run = fold(state, [next])
        states[index] = run.last
        hashes[index]?.push(...run.hashes)
      }
      assert.deepEqual(hashes, alone)
    }),
    { numRuns: RUNS },
  )
})

holds('C5 an instance that was saved and restored goes on as if nothing had happened', (run) => {
  const { play, start, sent } = run
  const through = fold(start, sent)
  const cut = sent.length >> 1
  const before = fold(start, sent.slice(0, cut))
  const saved: SavedState = JSON.parse(JSON.stringify(saveState(before.last)))
  const restored = restoreState(saved, play.scene.definition)
  const after = fold(restored, sent.slice(cut))
  assert.deepEqual([...before.hashes, ...after.hashes], through.hashes)
  assert.deepEqual(
    JSON.stringify(sorted(saveState(after.last))),
    JSON.stringify(sorted(saveState(through.last))),
  )
})

const sorted = (saved: SavedState): SavedState => ({
  ...saved,
  intents: [...saved.intents].sort((a, b) => a[2] - b[2]),
})

holds('C5 the hash of the shared state is that of its RFC 8785 text', ({ start, sent }) => {
  for (const { situation } of fold(start, sent).states) {
    const { waiting, entries, fields, counts, operations, hash } = situation
    const state = Object.entries(fields).map(([name, value]) => [name, toCanonical(value)])
    const done = Object.entries(counts).filter(([, count]) => count !== 0n)
    const count = Object.fromEntries(done.map(([step, times]) => [step, Number(times)]))
    const all = { op: operations, stage: entries, consent: waiting, count }
    const text = canonicalJson({ ...all, state: Object.fromEntries(state) })
    assert.equal(hash, sha256Hex(text))
  }
})

holds('C5 each hash covers the record and all that was decided before', ({ start, sent }) => {
  const { instance, definition, parties } = start.frame
  let hash = sha256Hex(`flow/1${definition.hash}${instance}${canonicalJson(parties)}`)
  assert.equal(start.hash, hash)
  const { records, hashes } = fold(start, sent)
  for (const [i, record] of records.entries()) {
    hash = sha256Hex(hash + canonicalJson(record))
    assert.equal(hashes[i], hash)
  }
})

holds('T1 the clock of the records never goes back', ({ start, sent }) => {
  let time = start.clock
  for (const { t } of fold(start, sent).records) {
    assert.ok(t >= time)
    time = t
  }
})

/** For each event the records it led to, with the states before and after. */
function* turns({ start, sent }: Performance): Iterable<{
  readonly event: Sent
  readonly before: InstanceState
  readonly after: InstanceState
  readonly timeouts: readonly TimeoutRecord[]
}> {
  let before = start
  for (const event of sent) {
    const { last: after, records } = fold(before, [event])
    const isTimeout = (record: DecisionRecord): record is TimeoutRecord =>
      record.verdict === 'timeout'
    yield { event, before, after, timeouts: records.filter(isTimeout) }
    before = after
  }
}

holds(
  'T2 a deadline fires exactly if it is due before a later event, once for each entry',
  (run) => {
    const fired = new Set<string>()
    for (const { event, before, after, timeouts } of turns(run)) {
      const now = Math.max(before.clock, event.time)
      let time = before.clock
      for (const { deadline, due, t, n } of timeouts) {
        assert.ok(due < now)
        assert.equal(t, Math.max(due, time))
        time = t
        const track = run.play.scene.definition.deadlines.get(deadline)?.track ?? ''
        const key = `${deadline} ${track} ${entryBefore(before, after, track, n)}`
        assert.ok(!fired.has(key), key)
        fired.add(key)
      }
      if (after.stop !== undefined) return
      // What is overdue now can only have begun with the event itself.
      for (const { name, at, fired: done } of after.situation.dues) {
        if (!done && at < now) assert.equal(after.situation.n, after.n, name)
      }
    }
  },
)

/** The decision that entered the stage in which decision `n` found a track. */
function entryBefore(
  before: InstanceState,
  after: InstanceState,
  track: string,
  n: number,
): number {
  const all = [...before.snapshots, ...after.snapshots]
  return (
    all.findLast((snapshot) => snapshot.n < n && snapshot.n >= n - 1)?.situation.entries[track]
      ?.n ?? -1
  )
}

holds('T2 those that were due at once fire by due time and then by name', (run) => {
  for (const { before, timeouts } of turns(run)) {
    const waiting = before.situation.dues.filter((due) => !due.fired).map(({ name }) => name)
    const first = timeouts.filter((each, i) => waiting[i] === each.deadline)
    for (const [i, { due, deadline }] of first.entries()) {
      const next = first[i + 1]
      if (next === undefined) continue
      assert.ok(due < next.due || (due === next.due && deadline < next.deadline))
    }
  }
})

holds('T2 it does not matter who moves the clock, or how', ({ start, sent }) => {
  const half = fold(start, sent.slice(0, sent.length >> 1)).last
  const time = half.clock + 100_000
  const tick = {
    time,
    author: didOf('anybody'),
    id: 't',
    tag: 'ffp.tick',
    values: [writeTick(INSTANCE)],
  }
  const values = stepValues(half, { step: 'nonsense', intent: 'x' })
  const step = { time, author: didOf('somebody'), id: 's', tag: 'ffp.step', values }
  const timeouts = (event: Sent) =>
    fold(half, [event]).records.filter(({ verdict }) => verdict === 'timeout')
  assert.deepEqual(timeouts(tick), timeouts(step))
})
