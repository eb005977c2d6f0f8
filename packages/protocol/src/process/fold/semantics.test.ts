import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Decimal } from '../values/decimal.ts'
import type { JsonMap } from '../values/value.ts'
import { describeInstance } from './describe-instance.ts'
import { emptyIntents } from './intent-index.ts'
import { FOLD_LIMITS } from './limits.ts'
import { begin, didOf, INSTANCE, makeScene, START, Teller } from './testing/scene.testing.ts'
import { budgetScene, letterOfCreditScene, purchaseOrderScene } from './testing/scenes.testing.ts'
import { nextDeadline, scheduledSteps } from './times.ts'

const integer = { schema: { type: 'integer' }, default: 0 }
const open = { schema: { type: 'object' }, default: {} }
const ends = { by: ['a', 'b'], in: { main: 'open' }, to: { main: 'shut' } }

const sceneOf = (state: JsonMap, steps: JsonMap) =>
  makeScene(
    {
      flow: 'flow/1',
      name: 'small',
      version: '1.0.0',
      govern: { consent: 'standing' },
      roles: { a: { one: true }, b: { one: true } },
      state,
      stages: { main: { initial: 'open', values: ['open', 'shut'], final: ['shut'] } },
      steps: { ...steps, ends },
    },
    { a: 'a', b: 'b' },
  )

test('everything that a step computes sees the document before it', () => {
  const set = (field: string, to: string) => ({ set: field, to })
  const swap = {
    by: ['a'],
    when: [{ code: 'TWICE_AT_MOST', rule: 'count.swap < 2' }],
    do: [
      set('x', 'state.y'),
      set('y', 'state.x + n'),
      set('map["x"]', 'state.x'),
      set('map["y"]', 'state.y'),
      set('map["n"]', 'size(state.map)'),
      { set: 'x', to: '100', if: 'state.x > 5' },
    ],
    output: { x: 'state.x', role: 'role', now: 'now' },
  }
  const state = { x: integer, y: { ...integer, default: 7 }, map: open }
  const story = new Teller(begin(sceneOf(state, { swap })))
  const first = story.step('swap', 'a:a')
  assert.ok(first?.verdict === 'accepted')
  assert.deepEqual({ ...first.output }, { x: 0, role: 'a', now: START })
  assert.equal(story.state.situation.texts.map, '{"n":0,"x":0,"y":7}')
  assert.deepEqual([story.state.situation.fields.x, story.state.situation.fields.y], [7n, 1n])
  story.step('swap', 'a:a')
  assert.deepEqual([story.state.situation.fields.x, story.state.situation.fields.y], [100n, 9n])
  story.step('swap', 'a:a')
  assert.equal(story.lines.at(-1), '3 rejected swap a TWICE_AT_MOST')
})

test('a field keeps to its schema, and may be emptied', () => {
  const put = (to: string) => ({ by: ['a'], do: [{ set: 'price', to }] })
  const price = { schema: { type: 'string', format: 'decimal' } }
  const steps = {
    whole: put('5'),
    text: put('"5"'),
    wrong: put('"x"'),
    list: put('[1]'),
    none: put('null'),
  }
  const story = new Teller(begin(sceneOf({ price }, steps)))
  const after = (step: string) => {
    const record = story.step(step, 'a:a')
    return [record?.code, story.state.situation.texts.price]
  }
  assert.deepEqual(after('whole'), [undefined, '"5"'])
  assert.deepEqual(after('wrong'), ['EFFECT_FAILED', '"5"'])
  assert.deepEqual(after('list'), ['EFFECT_FAILED', '"5"'])
  assert.deepEqual(after('none'), [undefined, 'null'])
  assert.deepEqual(after('text'), [undefined, '"5"'])
  assert.ok(story.state.situation.fields.price instanceof Decimal)
})

test('an effect is done by the party of its role, whoever took the step', () => {
  const effect = { id: 'tell', kind: 'message.private', by: 'b', with: { value: '"x"' } }
  const mine = { ...effect, id: 'mine', by: '$author' }
  const steps = {
    act: { by: ['a'], effects: [effect, mine] },
    done: { by: ['a', 'b'], result: 'tell' },
  }
  const story = new Teller(begin(sceneOf({}, steps)))
  story.step('done', 'b:b')
  const record = story.step('act', 'a:a')
  assert.ok(record?.verdict === 'accepted')
  assert.deepEqual(
    record.effects?.map(({ id, by }) => [id, by]),
    [
      ['tell', didOf('b')],
      ['mine', didOf('a')],
    ],
  )
  story.step('done', 'a:a')
  story.step('done', 'b:b')
  story.step('done', 'b:b')
  story.step('act', 'a:a')
  story.step('done', 'b:b')
  assert.deepEqual(story.lines, [
    '1 rejected done b NOT_REQUESTED',
    '2 accepted act a',
    '3 rejected done a NOT_PERFORMER',
    '4 accepted done b',
    '5 rejected done b NOT_REQUESTED',
    '6 accepted act a',
    '7 accepted done b',
  ])
})

test('deadlines and schedules say when something is to be done', () => {
  const steps = { close: { by: ['a'], in: { main: 'open' }, trigger: { schedule: 'state.x + 5' } } }
  const story = new Teller(begin(sceneOf({ x: { ...integer, default: 7 } }, steps)))
  assert.deepEqual(scheduledSteps(story.state), [{ step: 'close', at: 12 }])
  story.step('ends', 'a:a')
  assert.deepEqual(scheduledSteps(story.state), [])
  assert.equal(nextDeadline(story.state), undefined)
  const budget = new Teller(begin(budgetScene))
  assert.equal(nextDeadline(budget.state), START + 86_400)
  budget.step('ask', 'owner:own', { input: { title: 't', amount: '1', tokens: '1' } })
  assert.equal(nextDeadline(budget.state), START + 3600)
})

test('a loser is measured against the last 64 decisions', () => {
  const steps = {
    take: {
      by: ['a', 'b'],
      when: [{ code: 'TAKEN', rule: 'state.x == 0' }],
      do: [{ set: 'x', to: '1' }],
    },
  }
  for (const [between, code] of [
    [FOLD_LIMITS.snapshots - 2, 'CONFLICT'],
    [FOLD_LIMITS.snapshots - 1, 'TAKEN'],
  ] as const) {
    const story = new Teller(begin(sceneOf({ x: integer }, steps)))
    story.step('$tick', 'a')
    const { seen } = story
    story.step('take', 'a:a')
    for (let i = 0; i < between; i++) story.step('$tick', 'a')
    const record = story.step('take', 'b:b', { seen })
    assert.equal(record?.code, code)
  }
})

test('who could not have won by what was seen is told of no winner, whatever came between', () => {
  const steps = {
    count: { by: ['a'], do: [{ set: 'x', to: 'state.x + 1' }] },
    take: { by: ['b'], when: [{ code: 'NOT_ONE', rule: 'state.x == 1' }] },
  }
  const story = new Teller(begin(sceneOf({ x: integer }, steps)))
  const before = story.seen
  story.step('count', 'a:a')
  const between = story.seen
  story.step('count', 'a:a', { id: 'second' })
  story.step('count', 'a:a')
  story.step('take', 'b:b', { seen: before })
  story.step('take', 'b:b', { seen: between })
  story.step('take', 'b:b')
  assert.deepEqual(story.lines.slice(3), [
    '4 rejected take b NOT_ONE',
    '5 rejected take b CONFLICT (NOT_ONE) lost to second #2',
    '6 rejected take b NOT_ONE',
  ])
})

test('an input must fit, and nothing may be added to it', () => {
  const story = new Teller(begin(purchaseOrderScene))
  const offer = { item: 'x', qty: 1, price: '5', currency: 'EUR' }
  const { price: _, ...less } = offer
  for (const input of [
    less,
    { ...offer, more: 1 },
    { ...offer, qty: 0 },
    { ...offer, qty: '1' },
    { ...offer, price: 5 },
    { ...offer, price: '5.00000000000000000001' },
    { ...offer, currency: 'eur' },
  ]) {
    assert.equal(story.step('propose', 'buyer:buyer', { input })?.code, 'INPUT_SCHEMA')
  }
  assert.equal(story.step('propose', 'buyer:buyer', { input: offer })?.verdict, 'accepted')
})

test('whoever was only too late lost to nobody, even at the moment of another decision', () => {
  const rule = `now <= ${START + 100}`
  const steps = {
    early: { by: ['a', 'b'], when: [{ code: 'LATE', rule }], do: [{ set: 'x', to: '1' }] },
    other: { by: ['a'], do: [{ set: 'x', to: 'state.x + 1' }] },
  }
  const story = new Teller(begin(sceneOf({ x: integer }, steps)))
  const { seen } = story
  story.wait(200)
  story.step('other', 'a:a')
  story.step('early', 'b:b', { seen })
  assert.equal(story.lines.at(-1), '2 rejected early b LATE')
})

test('a step that expects nothing to have changed fails after a change, and only then', () => {
  const story = new Teller(begin(purchaseOrderScene))
  const offer = { item: 'x', qty: 1, price: '5', currency: 'EUR' }
  story.step('propose', 'buyer:buyer', { input: offer, expect: { n: 0 } })
  story.step('$tick', 'buyer')
  story.step('accept', 'buyer:buyer', { input: { round: 1 } })
  const price = { price: '6' }
  story.step('counter', 'seller:seller', { input: price, expect: { n: 0 } })
  story.step('counter', 'seller:seller', { input: price, expect: { n: 9 } })
  story.step('counter', 'seller:seller', { input: price, expect: { n: 1 } })
  assert.deepEqual(story.lines.slice(2), [
    '3 rejected accept buyer NOT_YOUR_TURN',
    '4 rejected counter seller EXPECT_FAILED lost to m1 #1',
    '5 rejected counter seller EXPECT_FAILED',
    '6 accepted counter seller',
  ])
})

test('the hash of the shared state covers consent, stages, document, counts and operations', () => {
  const story = new Teller(begin(letterOfCreditScene, []))
  const { hash } = story.state.situation
  story.step('$join', 'iss')
  const joined = story.state.situation.hash
  assert.notEqual(joined, hash)
  const budget = new Teller(begin(budgetScene))
  const hashes = [budget.state.situation.hash]
  const act = (...given: Parameters<Teller['step']>) => {
    assert.equal(budget.step(...given)?.verdict, 'accepted')
    hashes.push(budget.state.situation.hash)
  }
  act('ask', 'owner:own', { input: { title: 't', amount: '1', tokens: '1' } })
  act('vote', 'approver:own', { input: { yes: false } })
  act('note', 'owner:own', { input: { text: 'x' } })
  assert.equal(new Set(hashes).size, hashes.length)
  const { entries, operations } = budget.state.situation
  assert.equal(entries.main?.n, 1)
  assert.deepEqual({ ...operations }, {})
})

test('under a definition that asks each party, an adoption is no consent', () => {
  const all = letterOfCreditScene.definition.roles.length
  const { situation } = begin(letterOfCreditScene)
  assert.equal(situation.waiting.length, all - 1)
  assert.deepEqual(begin(purchaseOrderScene).situation.waiting, [])
})

test('where consent is standing, to adopt is to join, and time runs from the last consent', () => {
  const story = new Teller(begin(purchaseOrderScene, []))
  const offer = { item: 'x', qty: 1, price: '5', currency: 'EUR' }
  story.step('propose', 'buyer:buyer', { input: offer })
  story.step('$join', 'stranger')
  story.step('$adopt', 'seller')
  story.step('$adopt', 'seller')
  story.step('propose', 'buyer:buyer', { input: offer })
  assert.deepEqual(story.lines, [
    '1 rejected propose buyer NOT_STARTED',
    '2 rejected $join stranger NOT_AUTHORISED',
    '3 accepted $adopt seller',
    '4 rejected $adopt seller ALREADY_JOINED',
    '5 accepted propose buyer',
  ])
  const [consent] = story.records.slice(2)
  assert.equal(consent?.t, START + 120)
  assert.equal(story.state.snapshots[3]?.situation.entries.main?.since, START + 120)
})

test('what is shown of an instance follows the schemas', () => {
  const story = new Teller(begin(budgetScene))
  story.step('ask', 'owner:own', { input: { title: 't', amount: '1.50', tokens: '12' } })
  const view = describeInstance(story.state)
  assert.deepEqual(
    { ...view.state },
    {
      amount: '1.5',
      approvals: 0,
      askedAt: START,
      notes: [],
      reminders: '',
      title: 't',
      tokens: '12',
      votes: Object.create(null),
    },
  )
  assert.deepEqual(view.stages, { main: { stage: 'review', since: START } })
  assert.deepEqual(view.deadlines, {
    nudge: START + 3600,
    remind: START + 3600,
    reviewEnds: START + 7200,
  })
  assert.deepEqual([view.instance, view.n, view.closed, view.waiting], [INSTANCE, 1, false, []])
})

test('intents are found again among many, and an index never changes', () => {
  let index = emptyIntents
  const first = index.add(didOf('a'), 'i0', 0)
  for (let i = 0; i < 5000; i++) index = index.add(didOf(i % 2 === 0 ? 'a' : 'b'), `i${i}`, i)
  for (let i = 0; i < 5000; i++) {
    assert.equal(index.get(didOf(i % 2 === 0 ? 'a' : 'b'), `i${i}`), i)
    assert.equal(index.get(didOf(i % 2 === 0 ? 'b' : 'a'), `i${i}`), undefined)
  }
  assert.deepEqual([index.size, first.size, emptyIntents.size], [5000, 1, 0])
  assert.equal([...index.entries()].length, 5000)
  assert.deepEqual([...first.entries()], [[didOf('a'), 'i0', 0]])
})
