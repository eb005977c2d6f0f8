import assert from 'node:assert/strict'
import { test } from 'node:test'
import { templates } from '@concordat/protocol/process'
import { type Answer, Desk } from './desk.testing.ts'
import { scenarios } from './scenarios/scenarios.ts'

const head = `start: 2026-12-01T09:00Z
parties: { buyer: alice, seller: bob }
`
const offer = `  - { step: propose, by: alice, input: { item: steel, qty: 10, price: "100.00", currency: EUR } }
`

/** Plays events on the purchase order. */
async function play(desk: Desk, events: string, ...options: string[]): Promise<Answer> {
  desk.write('order.yaml', templates['purchase-order'])
  desk.write('story.yaml', events.startsWith('- ') ? `${head}events:\n${events}` : events)
  return await desk.call('flow', 'simulate', ...options, 'order.yaml', 'story.yaml')
}

const inEvents = (text: string): string => `${head}events:\n${offer}${text}`

test('a table tells who did what, who won, where the process stands, and whose turn it is', async () => {
  using desk = new Desk()
  const { code, out } = await play(
    desk,
    inEvents(`  - race:
      - { step: accept, by: bob, input: { round: 1 } }
      - { step: withdraw, by: alice }
`),
  )
  assert.equal(code, 0)
  assert.deepEqual(out.split('\n'), [
    'purchase-order 1.0.0',
    '  buyer: alice',
    '  seller: bob',
    '',
    'n  time (UTC)           who            what      verdict                                                    stages        turn',
    '1  2026-12-01 09:01:00  alice (buyer)  propose   accepted                                                   main offered  alice, bob',
    '2  2026-12-01 09:02:00  bob (seller)   accept    accepted                                                   main agreed   bob',
    '3  2026-12-01 09:02:00  alice (buyer)  withdraw  rejected CONFLICT (WRONG_STAGE), lost to 2: accept by bob  main agreed   bob',
    '',
    'State after decision 3 (main agreed):',
    '  currency: "EUR"',
    '  deliveredQty: 0',
    '  invoiceTotal: null',
    '  item: "steel"',
    '  offeredBy: "buyer"',
    '  price: "100"',
    '  qty: 10',
    '  round: 1',
    'May go on:',
    '  bob: deliver',
  ])
})

test('when time passes, deadlines fire when they are due, and an answer after that lost to the clock', async () => {
  using desk = new Desk()
  const { code, out } = await play(
    desk,
    inEvents(`  - { wait: P1D, expect: { fired: [], closed: false } }
  - { wait: P2D, expect: { fired: [offerExpires], stages: { main: expired }, closed: true } }
  - { step: accept, by: bob, seen: 1, input: { round: 1 }, expect: { code: CONFLICT, rule: CLOSED, winner: offerExpires } }
`),
  )
  assert.equal(code, 0, out)
  assert.match(out, /^2 {2}2026-12-03 09:01:00 {2}deadline +offerExpires +timeout/m)
  assert.match(out, /^4 {2}2026-12-04 09:02:00 .* lost to 2: offerExpires/m)
  assert.match(out, /^It has ended\.$/m)
})

test('a deadline that nobody told of fires before the next step', async () => {
  using desk = new Desk()
  const story =
    inEvents(`  - { step: accept, by: bob, after: P3D, input: { round: 1 }, expect: { code: CONFLICT, fired: [offerExpires] } }
`)
  const { code, out } = await play(desk, story)
  assert.equal(code, 0, out)
})

test('the same wish is decided once, and a step may ask that nothing has changed', async () => {
  using desk = new Desk()
  const { code, out } = await play(
    desk,
    inEvents(`  - { step: accept, by: bob, intent: once, input: { round: 1 }, unchangedSince: 1, expect: accepted }
  - { step: accept, by: bob, intent: once, input: { round: 1 }, expect: { verdict: void, code: DUPLICATE } }
  - { step: deliver, by: bob, input: { qty: 1 }, unchangedSince: 1, expect: EXPECT_FAILED }
  - { step: deliver, by: alice, as: buyer, input: { qty: 1 }, expect: NOT_AUTHORISED }
  - { step: nonsense, by: alice, expect: UNKNOWN_STEP }
`),
  )
  assert.equal(code, 0, out)
  assert.match(out, /void DUPLICATE of 2/)
})

test('what a version does not know parks the process, and the table ends there', async () => {
  using desk = new Desk()
  const { code, out } = await play(
    desk,
    inEvents('  - { step: $leave, by: bob, expect: accepted }\n'),
  )
  assert.equal(code, 1)
  assert.match(out, /^It is parked: this version does not know \$leave\.$/m)
  assert.match(out, /accepted was expected, not nothing/)
})

test('each disappointed expectation is told with its place, and fails the call', async () => {
  using desk = new Desk()
  const wrong = [
    ['rejected', 'rejected was expected, not accepted'],
    ['PRICE_POSITIVE', 'PRICE_POSITIVE was expected, not accepted'],
    ['{ rule: WRONG_STAGE }', 'rule WRONG_STAGE was expected, not nothing'],
    ['{ winner: 3 }', 'winner 3 was expected, not none'],
    ['{ winner: offerExpires }', 'winner offerExpires was expected, not none'],
    ['{ output: { total: 1 } }', 'output {"total":1} was expected, not {}'],
    ['{ effects: [pay] }', 'effects pay was expected, not '],
    ['{ fired: [offerExpires] }', 'fired offerExpires was expected, not none'],
    ['{ stages: { main: paid } }', 'main paid was expected, not offered'],
    ['{ state: { price: "99.00", qty: 10 } }', 'price "99" was expected, not "98.5"'],
    [
      '{ turn: { alice: [pay], bob: [withdraw] } }',
      'turn of alice: pay was expected, not accept, counter',
    ],
    ['{ closed: true }', 'an end was expected, not no end'],
  ] as const
  for (const [expect, message] of wrong) {
    const { code, out } = await play(
      desk,
      inEvents(
        `  - step: counter\n    by: bob\n    input: { price: "98.50" }\n    expect: ${expect}\n`,
      ),
    )
    assert.equal(code, 1, expect)
    assert.ok(
      out.includes(
        `\nstory.yaml:8:${expect.startsWith('{') ? 5 : 13}: error: ${message} [EXPECTED]\n`,
      ),
      `${message}\n${out}`,
    )
    assert.match(
      out,
      /^ {4}What happened: 2 counter by bob was accepted\. Stages: main offered\.$/m,
    )
    assert.match(out, /^0 of 1 expectations hold\.$/m)
  }
})

test('the play may be JSON', async () => {
  using desk = new Desk()
  const { out } = await play(desk, inEvents('  - { expect: { closed: true } }\n'), '--json')
  const { decisions, process, expectations, failures } = JSON.parse(out)
  assert.equal(decisions[0].record.step, 'propose')
  assert.equal(process.stages.main.stage, 'offered')
  assert.equal(expectations, 1)
  assert.deepEqual(failures, [{ line: 5, column: 7, message: 'an end was expected, not no end' }])
})

const faults = [
  ['', '1:1', 'an object is expected here'],
  ['parties: {}\n', '1:1', '"events" is missing'],
  [`${head}event: []\n`, '3:1', '"event" means nothing here'],
  ['parties: { buyer: alice, sellr: bob }\nevents: []\n', '1:26', 'there is no role "sellr"'],
  ['parties: { buyer: alice }\nevents: []\n', '1:1', 'nobody is "seller"'],
  ['parties: [alice]\nevents: []\n', '1:1', 'an object is expected here'],
  [`${head}events: none\n`, '3:9', 'a list is expected here'],
  [`${head}creator: carl\nevents: []\n`, '3:10', '"carl" is none of the parties'],
  ['start: soon\nparties: { buyer: a, seller: b }\nevents: []\n', '1:8', 'a time is expected here'],
  [inEvents('  - pay\n'), '5:5', 'an event is expected here'],
  [inEvents('  - { step: pay }\n'), '5:5', '"step" and "by" are needed'],
  [inEvents('  - { step: pay, by: carl }\n'), '5:22', '"carl" is none of the parties'],
  [inEvents('  - { step: pay, by: bob, of: 1 }\n'), '5:27', '"of" means nothing here'],
  [inEvents('  - { step: pay, by: bob, as: boss }\n'), '5:31', 'there is no role "boss"'],
  [inEvents('  - { step: pay, by: bob, after: soon }\n'), '5:34', 'a duration is expected here'],
  [
    inEvents('  - { wait: P900W, expect: accepted }\n  - { wait: P999999W }\n'),
    '6:13',
    'a duration is',
  ],
  ['start: -1\nparties: { buyer: a, seller: b }\nevents: []\n', '1:8', 'a time is expected here'],
  [inEvents('  - { step: pay, by: bob, seen: -1 }\n'), '5:33', 'a number from 0 is expected here'],
  [inEvents('  - { step: pay, by: bob, input: [] }\n'), '5:27', 'an object is expected here'],
  [inEvents('  - { step: pay, by: bob, input: { a: [1.5] } }\n'), '5:40', 'not plain JSON'],
  [inEvents('  - { step: pay, by: bob, expect: { is: 1 } }\n'), '5:37', '"is" means nothing here'],
  [
    inEvents('  - { step: pay, by: bob, expect: { verdict: ok } }\n'),
    '5:46',
    'there is no verdict "ok"',
  ],
  [
    inEvents('  - { step: pay, by: bob, expect: { winner: you } }\n'),
    '5:45',
    'there is no step or deadline',
  ],
  [
    inEvents('  - { step: pay, by: bob, expect: { stages: { main: x } } }\n'),
    '5:53',
    'there is no stage "x"',
  ],
  [
    inEvents('  - { step: pay, by: bob, expect: { state: { prce: 1 } } }\n'),
    '5:52',
    'there is no field "prce"',
  ],
  [
    inEvents('  - { step: pay, by: bob, expect: { turn: { bob: [pai] } } }\n'),
    '5:51',
    'there is no step "pai"',
  ],
  [
    inEvents('  - { wait: P1D, expect: { closed: 1 } }\n'),
    '5:36',
    'true or false is expected here',
  ],
  [inEvents('  - { wait: P1D, by: bob }\n'), '5:18', '"by" means nothing here'],
  [
    inEvents('  - { step: pay, by: bob, input: { at: !time noon } }\n'),
    '5:40',
    'write a time as !time',
  ],
  [
    inEvents('  - { step: pay, by: bob, input: { s: !sealed [a] } }\n'),
    '5:39',
    'write a seal as !sealed',
  ],
  [inEvents('  - { step: pay, by: bob'), '5:25', 'end with a }'],
] as const

test('every fault of a scenario is told with its place', async () => {
  using desk = new Desk()
  for (const [story, place, message] of faults) {
    const { code, out, err } = await play(desk, story)
    assert.equal(code, 1, story)
    assert.equal(err, '')
    const line = out.split('\n').find((one) => one.includes(message))
    assert.ok(line?.startsWith(`story.yaml:${place}: error: `), `${place} ${message}\n${out}`)
    assert.match(out, /^story\.yaml: \d+ faults?\.$/m)
  }
})

test('a party of two roles says in which one it acts', async () => {
  using desk = new Desk()
  const story = (as: string): string => `parties: { buyer: alice, seller: alice }
events:
${offer}  - { step: counter, by: alice,${as} input: { price: "1" }, expect: accepted }
`
  const { code, out } = await play(desk, story(''))
  assert.equal(code, 1)
  assert.match(out, /^story\.yaml:4:5: error: alice may take "counter" in more than one role /m)
  assert.match(out, /^ {4}Say in which one: "as: buyer" or "as: seller"\.$/m)
  assert.equal((await play(desk, story(' as: seller,'))).code, 0)
})

test('a process that cannot begin is one line', async () => {
  using desk = new Desk()
  const { code, err } = await play(desk, 'parties: { buyer: [a, b], seller: c }\nevents: []\n')
  assert.equal(code, 1)
  assert.equal(err, 'concordat: no such process can begin: WRONG_COUNT')
  const bomb = `${head}events: [${'*a, '.repeat(200)}1]\nx: &a 1\n`
  const story = `title: &a [${'x,'.repeat(50)}]\n${head}events: [${'*a, '.repeat(500)}1]\n`
  assert.match((await play(desk, story)).err, /^concordat: story\.yaml cannot be read: /)
  assert.match((await play(desk, bomb)).out, /There is no anchor &a before this/)
})

test('whatever line is left out, there is an answer that says where', async () => {
  using desk = new Desk()
  const template = templates['purchase-order']
  const story = scenarios['purchase-order']
  const halves = [
    ['order.yaml', template],
    ['story.yaml', story],
  ] as const
  for (const [name, whole] of halves) {
    const lines = whole.trimEnd().split('\n')
    for (const i of lines.keys()) {
      desk.write('order.yaml', template)
      desk.write('story.yaml', story)
      desk.write(name, lines.toSpliced(i, 1).join('\n'))
      const files = name === 'order.yaml' ? ['check', name] : ['simulate', 'order.yaml', name]
      const { code, out, err } = await desk.call('flow', ...files)
      assert.equal(err, '', `${name} without line ${i + 1}`)
      if (code === 1) assert.match(out, new RegExp(`^${name}:\\d+:\\d+: error: .+\\n {4}.+`, 'm'))
    }
  }
})
