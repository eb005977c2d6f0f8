import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { LoadedStep } from '../definition/loaded.ts'
import { dryRun, type Trial } from './dry-run.ts'
import { emptyIntents } from './intent-index.ts'
import type { SubmittedStep } from './payload.ts'
import type { DecisionRecord, StepRecord } from './records.ts'
import type { InstanceState, Snapshot } from './state.ts'
import { openTasks } from './tasks.ts'
import { performance } from './testing/performance.testing.ts'
import type { Performance } from './testing/plays.testing.ts'
import { fold, membersOf, type Sent, toEvent } from './testing/scene.testing.ts'

const RUNS = 150

const holds = (name: string, check: (run: Performance) => void): void => {
  test(name, () => fc.assert(fc.property(performance, check), { numRuns: RUNS }))
}

interface Turn {
  readonly sent: Sent
  readonly step: SubmittedStep | undefined
  readonly record: StepRecord
  readonly before: InstanceState
  readonly after: InstanceState
  /** The timeouts and then the record. */
  readonly records: readonly DecisionRecord[]
}

function turnsOf({ start, sent }: Performance): readonly Turn[] {
  const turns: Turn[] = []
  let before = start
  for (const each of sent) {
    const { last: after, records } = fold(before, [each])
    const record = records.at(-1)
    // It has parked.
    if (record === undefined) return turns
    assert.ok(record.verdict !== 'timeout')
    const { payload } = toEvent(each)
    const step = payload.kind === 'step' ? payload.step : undefined
    turns.push({ sent: each, step, record, before, after, records })
    before = after
  }
  return turns
}

const isOwn = (step: string | undefined): step is string =>
  step !== undefined && !step.startsWith('$')

/** What moves stages, read from the definition in the plainest way. */
function moveOf(run: Performance, record: DecisionRecord) {
  const { steps, deadlines } = run.play.scene.definition
  if (record.verdict === 'timeout') {
    const deadline = deadlines.get(record.deadline)
    assert.ok(deadline)
    return { from: new Map([[deadline.track, deadline.stages]]), to: deadline.to }
  }
  if (record.verdict !== 'accepted' || !isOwn(record.step)) return undefined
  const step = steps.get(record.step)
  assert.ok(step)
  return { from: step.in, to: step.to }
}

holds('R1 of steps that leave one stage at most one is accepted', (run) => {
  const tracks = [...run.play.scene.definition.tracks.values()]
  const stages = new Map(tracks.map(({ name, initial }) => [name, initial]))
  for (const record of turnsOf(run).flatMap(({ records }) => records)) {
    const move = moveOf(run, record)
    if (move === undefined) continue
    for (const [track, from] of move.from) assert.ok(from.has(stages.get(track) ?? ''))
    assert.ok(tracks.some(({ name, final }) => !final.has(stages.get(name) ?? '')))
    for (const [track, stage] of move.to) stages.set(track, stage)
  }
  const { last } = fold(run.start, run.sent)
  for (const [track, stage] of stages) assert.equal(last.situation.entries[track]?.stage, stage)
})

/** Whether a step would have been acceptable right after a decision, at a time. */
function isAcceptable(last: InstanceState, at: Snapshot, trial: Trial, time = at.clock): boolean {
  const { situation, n, clock, hash } = at
  const state = { ...last, situation, n, clock, hash, intents: emptyIntents, snapshots: [at] }
  const record = dryRun(state, trial, time)
  return record?.verdict === 'accepted' || record?.code === 'EFFECT_FAILED'
}

/** The winner by definition, looked for in the plainest way. */
function expectedWinner({ sent, step, record, after }: Turn): number | undefined {
  assert.ok(step?.seen !== undefined)
  const { expect: _, seen, ...rest } = step
  const trial = { ...rest, author: sent.author }
  const kept = after.snapshots.filter(({ n }) => n >= seen.n && n < record.n)
  const [first] = kept
  if (first === undefined || !isAcceptable(after, first, trial)) return undefined
  for (const [i, at] of kept.entries()) {
    const previous = kept[i - 1]
    if (previous === undefined || isAcceptable(after, at, trial)) continue
    return at.cause !== undefined && isAcceptable(after, previous, trial, at.clock)
      ? at.n
      : undefined
  }
  return undefined
}

const UNCONDITIONAL = ['UNKNOWN_STEP', 'NOT_AUTHORISED', 'INPUT_SCHEMA', 'EXPECT_FAILED']

holds(
  'R2 a conflict names the decision that turned the step from acceptable to not, and no other is one',
  (run) => {
    for (const turn of turnsOf(run)) {
      const { step, record } = turn
      if (record.verdict !== 'rejected' || !isOwn(step?.step)) continue
      if (step.seen === undefined) {
        assert.notEqual(record.code, 'CONFLICT')
      } else if (!UNCONDITIONAL.includes(record.code ?? '') && record.code !== 'EFFECT_FAILED') {
        const n = record.code === 'CONFLICT' ? record.winner?.n : undefined
        assert.equal(n, expectedWinner(turn), JSON.stringify(record))
        assert.ok(n === undefined || (n > step.seen.n && n < record.n && record.rule !== undefined))
      }
    }
  },
)

holds('R2 what was expected unchanged was unchanged', (run) => {
  for (const { step, record, after } of turnsOf(run)) {
    if (step?.expect === undefined || !isOwn(record.step)) continue
    const { n } = step.expect
    const changed = after.snapshots.some(
      (snapshot) => snapshot.n > n && snapshot.n < record.n && snapshot.cause !== undefined,
    )
    if (changed) assert.notEqual(record.verdict, 'accepted')
    else assert.notEqual(record.code, 'EXPECT_FAILED')
  }
})

holds('R3 what is not accepted changes nothing', (run) => {
  for (const { record, before, after, records } of turnsOf(run)) {
    assert.equal(record.s, after.situation.hash)
    if (record.verdict === 'accepted') continue
    const previous = records.at(-2)?.s ?? before.situation.hash
    assert.equal(record.s, previous)
    if (records.length === 1) assert.equal(after.situation, before.situation)
  }
})

holds('R4 one intent of one author is decided once', (run) => {
  const decided = new Map<string, number>()
  for (const { sent, step, record } of turnsOf(run)) {
    if (step === undefined || record.code === 'WRONG_EPOCH') continue
    const key = `${sent.author} ${step.intent}`
    const first = decided.get(key)
    if (first === undefined) {
      assert.notEqual(record.verdict, 'void')
      decided.set(key, record.n)
    } else {
      assert.deepEqual([record.verdict, record.code, record.of], ['void', 'DUPLICATE', first])
    }
  }
})

holds('A1 only who is in a role of the step is accepted', (run) => {
  const { definition, parties } = run.play.scene
  for (const { sent, step, record } of turnsOf(run)) {
    if (record.verdict !== 'accepted' || !isOwn(record.step)) continue
    const role = step?.role ?? ''
    assert.ok(definition.steps.get(record.step)?.by.has(role))
    assert.ok(parties[role]?.includes(sent.author))
    assert.equal(record.author, sent.author)
  }
})

holds('A2 nothing burdens anybody until all have consented', (run) => {
  const waiting = new Set(run.start.situation.waiting)
  for (const { before, after, record, records } of turnsOf(run)) {
    if (waiting.size === 0) break
    for (const did of waiting) {
      assert.deepEqual(openTasks(before, did), [{ step: '$join', since: 0 }])
    }
    assert.equal(records.length, 1)
    assert.deepEqual(before.situation.dues, [])
    if (record.verdict !== 'accepted') continue
    assert.ok(!isOwn(record.step))
    if (record.step !== '$tick') assert.ok(waiting.delete(record.author))
    if (waiting.size > 0) continue
    for (const { since } of Object.values(after.situation.entries)) assert.equal(since, record.t)
  }
})

holds('A2 who has not been asked yet is asked for consent, and nobody else', (run) => {
  const { last } = fold(run.start, run.sent)
  for (const did of membersOf(run.play.scene)) {
    const asked = openTasks(last, did).some(({ step }) => step === '$join')
    assert.equal(asked, !last.stop && last.situation.waiting.includes(did))
  }
})

const OF_INPUT = ['INPUT_SCHEMA', 'EFFECT_FAILED']

/** Whether all that is wrong with a step, if anything, is its input. */
function isPossible(step: LoadedStep, record: StepRecord | undefined): boolean {
  if (record === undefined) return false
  const guards = step.guards.filter(({ rule }) => rule.reads.some(({ root }) => root === 'input'))
  const codes = [...OF_INPUT, ...guards.map(({ code }) => code)]
  return record.verdict === 'accepted' || codes.includes(record.code ?? '')
}

holds('L1 a task is open exactly if the step is acceptable up to its input', (run) => {
  const { last: state } = fold(run.start, run.sent)
  for (const author of membersOf(run.play.scene)) {
    const open = new Set(openTasks(state, author).map(({ step, role }) => `${role} ${step}`))
    for (const [step, role] of pairsOf(run)) {
      const input = run.play.inputFor(state, step.name, author, 7)
      const trial = { author, step: step.name, role, intent: 'new', input }
      const record = dryRun(state, trial, state.clock)
      if (record?.verdict === 'accepted') assert.ok(open.has(`${role} ${step.name}`), step.name)
      if (open.has(`${role} ${step.name}`)) assert.ok(isPossible(step, record), step.name)
    }
  }
})

const pairsOf = ({ play }: Performance): readonly (readonly [LoadedStep, string])[] =>
  [...play.scene.definition.steps.values()].flatMap((step) =>
    play.scene.definition.roles.map((role) => [step, role] as const),
  )
