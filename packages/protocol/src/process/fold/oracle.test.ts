import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { JsonMap } from '../values/value.ts'
import type { DecisionRecord } from './records.ts'
import type { InstanceState } from './state.ts'
import { oraclePlays } from './testing/oracle-plays.testing.ts'
import { begin, fold, type Sent, stepValues } from './testing/scene.testing.ts'

// Decisions of the first sketch of this fold, which shares no code with it, on random runs.

interface OracleEvent {
  readonly time: number
  readonly author: string
  readonly step: string
  readonly role: string
  readonly intent: string
  readonly seen: number
  readonly input: JsonMap
}

interface OracleDecision {
  readonly n: number
  readonly t: number
  readonly verdict: string
  readonly code?: string
  readonly rule?: string
  readonly winner?: number
  readonly of?: number
  readonly deadline?: string
  readonly due?: number
}

interface OracleRun {
  readonly scene: string
  readonly events: readonly OracleEvent[]
  readonly decisions: readonly OracleDecision[]
  /** Canonical texts of the fields. */
  readonly state: { readonly [field: string]: string }
  /** Stage and time of entry. */
  readonly stages: { readonly [track: string]: readonly [string, number] }
}

const runs = readFileSync(new URL('oracle.vectors.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line): OracleRun => JSON.parse(line))

function replay({ scene, events }: OracleRun) {
  const play = oraclePlays.find((each) => each.scene.name === scene)
  assert.ok(play)
  const start = begin(play.scene)
  const sent = events.map(({ time, author, seen, ...step }, i): Sent => {
    const values = stepValues(start, { ...step, seen: { n: seen, h: '0'.repeat(64) } })
    return { time, author, id: `m${i + 1}`, tag: 'ffp.step', values }
  })
  return fold(start, sent)
}

const asOracle = (record: DecisionRecord): OracleDecision => {
  const { n, t, verdict } = record
  if (record.verdict === 'timeout') {
    return { n, t, verdict, deadline: record.deadline, due: record.due }
  }
  const { code, rule, winner, of } = record
  return {
    ...{ n, t, verdict },
    ...(code !== undefined && { code }),
    ...(rule !== undefined && { rule }),
    ...(of !== undefined && { of }),
    ...(winner && { winner: winner.n }),
  }
}

/** What the sketch would have said, had it known what was settled after it. */
function amend(theirs: OracleDecision, ours: OracleDecision, last: InstanceState): OracleDecision {
  const { n, t, verdict } = theirs
  if (verdict !== 'rejected') return theirs
  // An end comes before all questions of who and what.
  const early = ['UNKNOWN_STEP', 'NOT_AUTHORISED', 'INPUT_SCHEMA']
  if (ours.code === 'CLOSED' && early.includes(theirs.code ?? '')) {
    return { n, t, verdict, code: 'CLOSED' }
  }
  // A decision that changed nothing beats nobody: time passed.
  const winner = last.snapshots.find((snapshot) => snapshot.n === theirs.winner)
  if (winner !== undefined && winner.cause === undefined) {
    return { n, t, verdict, ...(theirs.rule !== undefined && { code: theirs.rule }) }
  }
  return theirs
}

test('the first sketch of the fold decided alike, but for what was settled since', () => {
  assert.ok(runs.length > 30)
  let conflicts = 0
  for (const run of runs) {
    const { records, last } = replay(run)
    const ours = records.map(asOracle)
    const theirs = run.decisions.map((each, i) => amend(each, ours[i] ?? each, last))
    assert.deepEqual(ours, theirs, run.scene)
    conflicts += ours.filter(({ code }) => code === 'CONFLICT').length
    for (const [field, text] of Object.entries(run.state)) {
      assert.equal(last.situation.texts[field], text)
    }
    for (const [track, [stage, since]] of Object.entries(run.stages)) {
      const entry = last.situation.entries[track]
      assert.deepEqual([entry?.stage, entry?.since], [stage, since])
    }
  }
  assert.ok(conflicts > 30)
})
