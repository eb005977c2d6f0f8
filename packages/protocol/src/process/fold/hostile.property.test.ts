import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Json, JsonMap } from '../values/value.ts'
import { createInstance } from './create-instance.ts'
import { decide } from './decide.ts'
import { dryRun } from './dry-run.ts'
import { FOLD_LIMITS } from './limits.ts'
import { restoreState, saveState } from './saved-state.ts'
import { openTasks } from './tasks.ts'
import { budgetPlay, performanceOf, plays } from './testing/plays.testing.ts'
import {
  begin,
  didOf,
  fold,
  INSTANCE,
  makeScene,
  membersOf,
  START,
  stepValues,
  Teller,
  toEvent,
} from './testing/scene.testing.ts'
import { budgetScene, purchaseOrderScene } from './testing/scenes.testing.ts'

const sent = (values: readonly string[], more: object = {}) => ({
  ...{ time: START + 1, author: didOf('buyer'), id: 'm1', tag: 'ffp.step', values },
  ...more,
})

test('H1 no bytes on the topic make the fold throw', () => {
  const start = begin(purchaseOrderScene)
  const [text = ''] = stepValues(start, { step: 'propose', role: 'buyer', intent: 'i' })
  const damaged = fc
    .tuple(fc.nat(text.length), fc.nat(4), fc.string({ unit: 'binary', maxLength: 4 }))
    .map(([at, cut, insert]) => text.slice(0, at) + insert + text.slice(at + cut))
  const value = fc.oneof(damaged, fc.string({ unit: 'binary' }), fc.json())
  const tag = fc.constantFrom('ffp.step', 'ffp.tick', 'ffp.other')
  fc.assert(
    fc.property(fc.array(value, { maxLength: 3 }), tag, (values, tagged) => {
      const { last, records } = fold(start, [sent(values, { tag: tagged })])
      assert.ok(records.length === 1 || last.stop !== undefined)
    }),
    { numRuns: 2000 },
  )
})

test('H1 no input makes the fold throw', () => {
  const start = new Teller(begin(budgetScene))
  start.step('ask', 'owner:own', { input: { title: 't', amount: '1', tokens: '1' } })
  const name = fc.constantFrom('text', 'yes', 'title', 'amount', 'tokens', '__proto__', 'toString')
  const json = fc
    .jsonValue({ noUnicodeString: false })
    .map((each): Json => JSON.parse(JSON.stringify(each)))
  const input = fc.dictionary(name, json, { maxKeys: 4 })
  const step = fc.constantFrom('ask', 'vote', 'note', 'settle', 'told', '$join', '$x', 'toString')
  const role = fc.constantFrom('owner', 'approver', 'toString', 'hasOwnProperty')
  fc.assert(
    fc.property(step, role, input, (named, as, given) => {
      const trial = { step: named, role: as, intent: 'i', author: didOf('own'), input: given }
      const record = dryRun(start.state, trial, start.time)
      assert.ok(record !== undefined)
      assert.ok(record.verdict !== 'void')
    }),
    { numRuns: 2000 },
  )
})

const flow = (state: JsonMap, steps: JsonMap, more: JsonMap = {}): JsonMap => ({
  flow: 'flow/1',
  name: 'hostile',
  version: '1.0.0',
  govern: { consent: 'standing' },
  roles: { a: { one: true }, b: { one: true } },
  state,
  stages: { main: { initial: 'open', values: ['open', 'shut'], final: ['shut'] } },
  steps: { ...steps, shut: { by: ['a', 'b'], in: { main: 'open' }, to: { main: 'shut' } } },
  ...more,
})
const cast = { a: 'a', b: 'b' }

test('H1 a document can neither grow nor nest without end', () => {
  const steps = {
    grow: { by: ['a'], do: [{ set: 'text', to: 'state.text + state.text' }] },
    nest: { by: ['a'], do: [{ set: 'map["in"]', to: 'state.map' }] },
    list: {
      by: ['a'],
      do: [{ set: 'list', to: '[state.list, state.list, state.list, state.list]' }],
    },
  }
  const state = {
    text: { schema: { type: 'string' }, default: 'x' },
    map: { schema: { type: 'object' }, default: {} },
    list: { schema: { type: 'array' }, default: [] },
  }
  const story = new Teller(begin(makeScene(flow(state, steps), cast)))
  for (const step of ['grow', 'nest', 'list']) {
    const records = Array.from({ length: 60 }, () => story.step(step, 'a:a'))
    const refused = records.findIndex((record) => record?.verdict === 'rejected')
    assert.ok(step === 'nest' ? refused === FOLD_LIMITS.depth - 1 : refused > 0, step)
    for (const record of records.slice(refused)) {
      assert.ok(record?.verdict === 'rejected' && record.code === 'EFFECT_FAILED')
    }
  }
  const size = Object.values(story.state.situation.texts).join('').length
  assert.ok(size <= FOLD_LIMITS.document)
  assert.deepEqual(
    restoreState(saveState(story.state), story.state.frame.definition).situation.hash,
    story.state.situation.hash,
  )
})

test('H1 the whole document has a limit', () => {
  const text = { schema: { type: 'string' } }
  const input = { type: 'object', properties: { text: { type: 'string' } } }
  const put = (field: string) => ({ by: ['a'], input, do: [{ set: field, to: 'input.text' }] })
  const scene = makeScene(flow({ x: text, y: text }, { x: put('x'), y: put('y') }), cast)
  const story = new Teller(begin(scene))
  const half = 'x'.repeat(FOLD_LIMITS.document / 2)
  story.step('x', 'a:a', { input: { text: half } })
  story.step('y', 'a:a', { input: { text: half } })
  story.step('y', 'a:a', { input: { text: half.slice(0, -4) } })
  assert.deepEqual(story.lines, [
    '1 accepted x a',
    '2 rejected y a EFFECT_FAILED',
    '3 accepted y a',
  ])
})

test('H1 a key named __proto__ is an ordinary key', () => {
  const state = { map: { schema: { type: 'object' }, default: {} } }
  const input = { type: 'object', properties: { key: { type: 'string' } } }
  const put = { by: ['a'], input, do: [{ set: 'map[input.key]', to: '"x"' }] }
  const story = new Teller(begin(makeScene(flow(state, { put }), cast)))
  story.step('put', 'a:a', { input: { key: '__proto__' } })
  story.step('put', 'a:a', { input: { key: 'constructor' } })
  assert.equal(story.state.situation.texts.map, '{"__proto__":"x","constructor":"x"}')
  const copy = restoreState(
    JSON.parse(JSON.stringify(saveState(story.state))),
    story.state.frame.definition,
  )
  assert.equal(copy.situation.hash, story.state.situation.hash)
})

test('H1 a rule that costs too much is told by its own code, and holds nobody up', () => {
  const state = {
    list: { schema: { type: 'array' }, default: Array.from({ length: 40 }, () => 1) },
  }
  const rule = 'state.list.all(a, state.list.all(b, state.list.all(c, a + b + c > 0)))'
  const dear = { by: ['a'], when: [{ code: 'DEAR', rule }] }
  const story = new Teller(begin(makeScene(flow(state, { dear }), cast)))
  for (let i = 0; i < 70; i++) story.step('$tick', 'a')
  story.step('dear', 'a:a', { seen: { n: 1, h: 'ab'.repeat(32) } })
  assert.equal(story.lines.at(-1), '71 rejected dear a RULE_FUEL')
})

test('H1 a deadline whose assignments fail moves its stages all the same', () => {
  const state = { text: { schema: { type: 'string' } } }
  const fails = {
    track: 'main',
    stage: 'open',
    after: 'PT1H',
    do: [{ set: 'text', to: 'state.text + 1' }],
  }
  const deadlines = { fails: { ...fails, to: { main: 'shut' } } }
  const story = new Teller(begin(makeScene(flow(state, {}, { deadlines }), cast)))
  story.wait(4000)
  story.step('$tick', 'b')
  assert.deepEqual(story.lines, ['1 timeout fails EFFECT_FAILED', '2 rejected $tick b CLOSED'])
})

test('H1 more deadlines at once than there may be halt the instance', () => {
  const stages = ['s0', 's1', 's2', 's3', 's4']
  const movers = stages.map((stage, i) => {
    const to = { main: stages[i + 1] ?? 'shut' }
    return [`m${i}`, { track: 'main', stage, after: 'PT2S', to }]
  })
  const others = Array.from({ length: 12 }, (_, i) => {
    return [`d${i}`, { track: 'main', stage: stages, after: 'PT1S' }]
  })
  const definition = {
    ...flow({}, {}),
    stages: { main: { initial: 's0', values: [...stages, 'shut'], final: ['shut'] } },
    deadlines: Object.fromEntries([...movers, ...others]),
    steps: { shut: { by: ['a', 'b'], in: { main: stages }, to: { main: 'shut' } } },
  }
  const start = begin(makeScene(definition, cast))
  const tick = (time: number) => {
    return { time, author: didOf('a'), id: 't', tag: 'ffp.tick', values: [] }
  }
  const story = new Teller(start)
  assert.equal(story.send(tick(START + 10))?.n, FOLD_LIMITS.timeouts + 1)
  assert.equal(story.send(tick(START + 11))?.n, FOLD_LIMITS.timeouts + 3)
  const storm = new Teller(start)
  assert.equal(storm.send(tick(START + 11)), undefined)
  assert.deepEqual(storm.state.stop, { kind: 'halted', reason: 'TIMEOUT_STORM' })
  assert.equal(storm.step('shut', 'a:a'), undefined)
  assert.deepEqual([storm.state.n, openTasks(storm.state, didOf('a'))], [0, []])
})

test('T2 no deadline opens what has ended', () => {
  const after = { track: 'main', stage: 'shut', after: 'PT1H' }
  const deadlines = { reopen: { ...after, to: { main: 'open' } } }
  const story = new Teller(begin(makeScene(flow({}, {}, { deadlines }), cast)))
  story.step('shut', 'a:a')
  story.wait(4000)
  story.step('$tick', 'a')
  assert.deepEqual(story.lines, ['1 accepted shut a', '2 rejected $tick a CLOSED'])
})

test('T1 a deadline that was past when its stage was entered does not turn the clock back', () => {
  const state = { at: { schema: { type: 'integer' }, default: START - 100 } }
  const deadlines = {
    late: { track: 'main', stage: 'open', due: 'state.at', to: { main: 'shut' } },
  }
  const story = new Teller(begin(makeScene(flow(state, {}, { deadlines }), cast)))
  story.wait(50)
  story.step('$tick', 'a')
  const [timeout] = story.records
  assert.ok(timeout?.verdict === 'timeout')
  assert.deepEqual([timeout.t, timeout.due], [START, START - 100])
})

test('a disclosure that was not claimed is told as such, and a role that is missing too', () => {
  const story = new Teller(begin(purchaseOrderScene))
  const input = { item: 'x', qty: 1, price: '5', currency: 'EUR' }
  const text = { step: 'propose', role: 'buyer', intent: 'i', input }
  const [claim = ''] = stepValues(story.state, { ...text, sealed: 's' })
  const [, forged = ''] = stepValues(story.state, { ...text, sealed: 't' })
  story.send(sent([claim, forged]))
  story.step('propose', 'buyer', { input })
  assert.deepEqual(story.lines, [
    '1 rejected propose buyer SEAL_MISMATCH',
    '2 rejected propose buyer NOT_AUTHORISED',
  ])
})

test('V1 what this version does not know parks the instance where it stands, and decides nothing', () => {
  const later = JSON.stringify({ ffp: 'step/2', p: INSTANCE })
  const steps = ['$attest', '$leave', '$migrate']
  const story = new Teller(begin(budgetScene))
  story.step('ask', 'owner:own', { input: { title: 't', amount: '1', tokens: '1' } })
  const start = story.state
  // Two deadlines are due, and are left for the version that knows more.
  const time = START + 4000
  const unknown = [
    sent([later], { time }),
    ...steps.map((step) => sent(stepValues(start, { step, intent: 'i' }), { time })),
    sent(stepValues(start, { step: '$join', intent: 'i' }), { author: didOf('stranger') }),
  ]
  for (const each of unknown) {
    const { state, decisions } = decide(start, toEvent(each))
    assert.deepEqual([decisions, state.n, state.hash], [[], 1, start.hash])
    assert.equal(state.stop?.kind, 'parked')
    const next = toEvent(sent(stepValues(start, { step: '$tick', intent: 'j' })))
    assert.deepEqual(decide(state, next), { state, decisions: [] })
    const saved = saveState(state)
    const { definition } = budgetScene
    assert.deepEqual(restoreState(saved, definition).stop, state.stop)
    const resumed = restoreState(saved, definition, { resume: true })
    assert.equal(decide(resumed, next).decisions.length, 1)
  }
  const elsewhere = JSON.stringify({ ffp: 'step/2', p: 'another' })
  assert.deepEqual(fold(start, [sent([elsewhere])]).records[0]?.verdict, 'void')
})

test('a step for another instance, definition or epoch is void and leaves its intent unused', () => {
  const story = new Teller(begin(purchaseOrderScene))
  const input = { item: 'x', qty: 1, price: '5', currency: 'EUR' }
  const [text = ''] = stepValues(story.state, {
    step: 'propose',
    role: 'buyer',
    intent: 'i',
    input,
  })
  const send = (values: readonly string[]) => story.send(sent(values))
  send([text.replace('"e":0', '"e":1')])
  send([text.replace(/"def":"[0-9a-f]{64}"/, `"def":"${'0'.repeat(64)}"`)])
  send([text.replace(INSTANCE, '00000000-0000-0000-0000-000000000000')])
  story.send({ ...sent([text]), tag: 'ffp.tick' })
  send([text])
  send([text])
  const gap = {
    time: story.time,
    author: didOf('seller'),
    payload: { kind: 'void', code: 'GAP' },
  } as const
  const { decisions } = decide(story.state, gap)
  assert.deepEqual(story.lines, [
    '1 void propose buyer WRONG_EPOCH',
    '2 void propose buyer WRONG_EPOCH',
    '3 void propose buyer MALFORMED',
    '4 void - buyer MALFORMED',
    '5 accepted propose buyer',
    '6 void propose buyer DUPLICATE of #5',
  ])
  assert.deepEqual(
    decisions.map(({ record }) => [record.verdict, record.code]),
    [['void', 'GAP']],
  )
})

test('D1 a member whose fold went wrong is found out by its next step', () => {
  for (const play of plays) {
    fc.assert(
      fc.property(performanceOf(play), fc.nat(), ({ start, sent: all }, at) => {
        const { states } = fold(start, all)
        const state = states[at % states.length]
        if (state === undefined || state.stop !== undefined || state.n === 0) return
        const [author = ''] = membersOf(play.scene)
        const corrupted = { n: state.n, h: 'ab'.repeat(32) }
        const message = (seen: { n: number; h: string }) =>
          toEvent({ ...sent(stepValues(state, { step: '$tick', intent: 'new', seen })), author })
        const theirs = decide(state, message(corrupted)).divergence
        assert.deepEqual(theirs, { n: state.n, theirs: corrupted.h, ours: state.hash })
        const ahead = { n: state.n + 1, h: state.hash }
        assert.deepEqual(decide(state, message(ahead)).divergence, {
          n: state.n + 1,
          theirs: state.hash,
        })
        assert.equal(decide(state, message({ n: state.n, h: state.hash })).divergence, undefined)
      }),
      { numRuns: 40 },
    )
  }
})

test('L2 with one silent party, a process without warnings comes to its end', () => {
  const members = membersOf(budgetScene)
  const choice = fc.array(fc.nat(999), { minLength: 60, maxLength: 60 })
  fc.assert(
    fc.property(fc.constantFrom(...members), choice, (silent, picks) => {
      const story = new Teller(begin(budgetScene))
      for (const pick of picks) {
        if (story.state.situation.closed) return
        const tasks = members
          .filter((did) => did !== silent)
          .flatMap((did) => openTasks(story.state, did).map((task) => ({ did, ...task })))
        const task = tasks[pick % (tasks.length + 1)]
        if (task === undefined) story.wait(40_000)
        const { did = members[0] ?? '', step = '$tick', role } = task ?? {}
        const input = budgetPlay.inputFor(story.state, step, did, pick)
        const name = did.slice(did.lastIndexOf('/') + 1)
        story.step(step, role === undefined ? name : `${role}:${name}`, { input })
      }
      assert.ok(story.state.situation.closed)
    }),
    { numRuns: 60 },
  )
})

test('an instance is refused if its parties do not fit its definition or its group', () => {
  const { definition, parties } = purchaseOrderScene
  const [author = '', seller = ''] = membersOf(purchaseOrderScene)
  const creation = { instance: INSTANCE, definition: definition.hash, parties }
  const context = { author, time: START, members: [author, seller], adopted: [] }
  const codeOf = (change: object, contextChange: object = {}) => {
    const result = createInstance(
      definition,
      { ...creation, ...change },
      { ...context, ...contextChange },
    )
    return result.outcome === 'refused' ? result.code : result.state.situation.waiting
  }
  assert.deepEqual(codeOf({}), [seller])
  assert.deepEqual(codeOf({}, { adopted: [seller, 'did:x'] }), [])
  assert.equal(codeOf({ definition: 'x' }), 'WRONG_DEFINITION')
  assert.equal(codeOf({ parties: { ...parties, judge: [seller] } }), 'UNKNOWN_ROLE')
  assert.equal(codeOf({ parties: { buyer: [author] } }), 'WRONG_COUNT')
  assert.equal(codeOf({ parties: { ...parties, seller: [author, seller] } }), 'WRONG_COUNT')
  assert.equal(codeOf({}, { members: [author] }), 'WRONG_GROUP')
  assert.equal(codeOf({}, { members: [author, seller, 'did:x'] }), 'WRONG_GROUP')
  assert.equal(codeOf({}, { author: 'did:x' }), 'NOT_A_PARTY')
  const approver = [didOf('p1'), didOf('p1')]
  const twice = {
    ...creation,
    definition: budgetScene.definition.hash,
    parties: { owner: [author], approver },
  }
  assert.deepEqual(createInstance(budgetScene.definition, twice, context), {
    outcome: 'refused',
    code: 'REPEATED_PARTY',
  })
})
