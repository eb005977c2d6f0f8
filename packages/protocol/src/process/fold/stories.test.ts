import assert from 'node:assert/strict'
import { test } from 'node:test'
import { begin, didOf, START, Teller } from './testing/scene.testing.ts'
import {
  auctionScene,
  budgetScene,
  letterOfCreditScene,
  purchaseOrderScene,
} from './testing/scenes.testing.ts'
import { digestOf, makeDisclosure } from './wire/disclosure.ts'

const DAY = 86_400

const offer = { item: 'steel', qty: 10, price: '100.00', currency: 'EUR' }

test('a purchase order is negotiated, and of three who act at once one wins', () => {
  const story = new Teller(begin(purchaseOrderScene))
  story.step('propose', 'buyer:buyer', { input: offer, sealed: 's' })
  story.step('counter', 'seller:seller', { input: { price: '112.50' } })
  const { seen } = story
  story.step('accept', 'buyer:buyer', { input: { round: 2 }, seen, id: 'first', sealed: 't' })
  story.step('withdraw', 'seller:seller', { seen })
  story.step('accept', 'buyer:buyer', { input: { round: 2 }, seen })
  story.step('accept', 'buyer:buyer', { input: { round: 2 }, intent: 'i3' })
  story.step('deliver', 'seller:seller', { input: { qty: 10 } })
  const invoice = { net: '1125', vatRate: '0.19', total: '1338.76' }
  story.step('invoice', 'seller:seller', { input: invoice })
  story.step('invoice', 'seller:seller', { input: { ...invoice, total: '1338.75' } })
  const paid = story.seen
  story.step('pay', 'seller:seller', { id: 'payment' })
  story.step('dispute', 'buyer:buyer', { seen: paid })
  story.step('dispute', 'buyer:buyer')
  story.step('nonsense', 'buyer:buyer')
  assert.deepEqual(story.lines, [
    '1 accepted propose buyer',
    '2 accepted counter seller',
    '3 accepted accept buyer',
    '4 rejected withdraw seller CONFLICT (WRONG_STAGE) lost to first #3',
    '5 rejected accept buyer CONFLICT (WRONG_STAGE) lost to first #3',
    '6 void accept buyer DUPLICATE of #3',
    '7 accepted deliver seller',
    '8 rejected invoice seller TOTAL_MISMATCH',
    '9 accepted invoice seller',
    '10 accepted pay seller',
    '11 rejected dispute buyer CONFLICT (CLOSED) lost to payment #10',
    '12 rejected dispute buyer CLOSED',
    '13 rejected nonsense buyer CLOSED',
  ])
})

test('an offer that is not answered expires, and an answer that comes too late lost to the clock', () => {
  const story = new Teller(begin(purchaseOrderScene))
  story.step('propose', 'buyer:buyer', { input: offer })
  story.wait(DAY)
  story.step('counter', 'seller:seller', { input: { price: '99' } })
  const { seen } = story
  // The counter-offer entered the stage anew, 60 seconds ago: exactly two days are not yet more than two days.
  story.wait(2 * DAY - 60)
  story.step('$tick', 'seller')
  story.step('accept', 'buyer:buyer', { input: { round: 2 }, seen })
  assert.deepEqual(story.lines.slice(2), [
    '3 accepted $tick seller',
    '4 timeout offerExpires',
    '5 rejected accept buyer CONFLICT (CLOSED) lost to offerExpires #4',
  ])
  const [timeout] = story.records.slice(3)
  const due = START + 60 + DAY + 2 * DAY
  assert.deepEqual([timeout?.t, timeout?.verdict === 'timeout' && timeout.due], [due, due])
})

test('under a letter of credit the bank that stays silent has honoured', () => {
  const story = new Teller(begin(letterOfCreditScene))
  for (const party of ['iss', 'adv', 'ben']) story.step('$join', party)
  const terms = {
    amount: '250000.00',
    expiry: START + 90 * DAY,
    lastShip: START + 30 * DAY,
    docsRequired: ['invoice', 'bill_of_lading'],
  }
  story.step('issue', 'issuer:iss', { input: terms })
  story.step('$adopt', 'car')
  story.step('$join', 'car')
  story.step('$join', 'car')
  story.step('issue', 'issuer:iss', { input: terms, sealed: 's' })
  story.step('advise', 'advising:adv')
  story.step('ship', 'carrier:car', { input: { blHash: 'b'.repeat(64) } })
  story.step('lodge', 'beneficiary:ben', {
    input: { kind: 'bill_of_lading', hash: 'e'.repeat(64) },
  })
  story.step('present', 'beneficiary:ben')
  story.step('lodge', 'beneficiary:ben', { input: { kind: 'invoice', hash: 'd'.repeat(64) } })
  story.step('present', 'beneficiary:ben')
  const { seen } = story
  story.wait(5 * DAY)
  story.step('refuse', 'issuer:iss', { input: { list: ['late'] }, seen })
  assert.deepEqual(story.lines, [
    '1 accepted $join iss',
    '2 accepted $join adv',
    '3 accepted $join ben',
    '4 rejected issue iss NOT_STARTED',
    '5 rejected $adopt car JOIN_NEEDED',
    '6 accepted $join car',
    '7 rejected $join car ALREADY_JOINED',
    '8 accepted issue iss',
    '9 accepted advise adv',
    '10 accepted ship car',
    '11 rejected lodge ben CARRIER_ISSUES_BL',
    '12 rejected present ben DOCS_MISSING',
    '13 accepted lodge ben',
    '14 accepted present ben',
    '15 timeout examination',
    '16 rejected refuse iss CONFLICT (WRONG_STAGE) lost to examination #15',
  ])
})

test('an effect is asked of one party, which alone reports its end, once', () => {
  const story = new Teller(begin(letterOfCreditScene))
  for (const party of ['iss', 'adv', 'ben', 'car']) story.step('$join', party)
  const terms = {
    amount: '2.50',
    expiry: START + 9 * DAY,
    lastShip: START + DAY,
    docsRequired: ['bill_of_lading'],
  }
  story.step('issue', 'issuer:iss', { input: terms })
  story.step('advise', 'advising:adv')
  story.step('ship', 'carrier:car', { input: { blHash: 'b'.repeat(64) } })
  story.step('present', 'beneficiary:ben')
  const honour = story.step('honour', 'issuer:iss')
  assert.ok(honour?.verdict === 'accepted')
  assert.deepEqual({ ...honour.output }, { amount: '2.5', docs: ['bill_of_lading'] })
  assert.deepEqual(
    honour.effects?.map((effect) => ({ ...effect, with: JSON.stringify(effect.with) })),
    [
      {
        id: 'notice',
        kind: 'message.private',
        by: didOf('iss'),
        with: `{"tag":"payment","value":{"pay":"2.5","to":"${didOf('ben')}"}}`,
      },
    ],
  )
  const requested = { status: 'requested', by: didOf('iss'), n: 9 }
  assert.deepEqual({ ...story.state.situation.operations.notice }, requested)
  story.step('settled', 'issuer:iss', { input: { ref: 'r', failed: true } })
  assert.equal(story.state.situation.operations.notice?.status, 'failed')
  assert.ok(story.state.situation.closed)
})

test('whoever does not perform an effect cannot report it', () => {
  const story = new Teller(begin(budgetScene))
  const input = { title: 'desks', amount: '12.30', tokens: String(2n ** 100n) }
  const asked = story.step('ask', 'owner:own', { input })
  assert.ok(asked?.verdict === 'accepted')
  assert.deepEqual({ ...asked.output }, { twice: '24.6', square: String(2n ** 200n) })
  story.step('vote', 'approver:p1', { input: { yes: true } })
  story.step('settle', 'owner:own')
  story.step('vote', 'approver:own', { input: { yes: true } })
  story.step('vote', 'approver:own', { input: { yes: true } })
  story.step('vote', 'approver:p2', { input: { yes: false } })
  story.step('settle', 'owner:own')
  story.step('told', 'approver:p1')
  story.step('told', 'owner:own')
  assert.deepEqual(story.lines.slice(1), [
    '2 accepted vote p1',
    '3 rejected settle own TOO_FEW',
    '4 accepted vote own',
    '5 rejected vote own ALREADY_VOTED',
    '6 accepted vote p2',
    '7 accepted settle own',
    '8 rejected told p1 NOT_PERFORMER',
    '9 accepted told own',
  ])
})

test('deadlines fire by due time and then by name, once for each entry of their stage', () => {
  const story = new Teller(begin(budgetScene))
  const input = { title: 'desks', amount: '1', tokens: '1' }
  story.step('ask', 'owner:own', { input })
  story.wait(3600)
  story.step('$tick', 'p1')
  story.step('$tick', 'p1')
  assert.equal(story.state.situation.fields.reminders, 'nr')
  story.wait(DAY)
  story.send({ time: story.time, author: didOf('p2'), id: 'm', tag: 'ffp.tick', values: ['{'] })
  story.step('$tick', 'p1')
  assert.deepEqual(story.lines, [
    '1 accepted ask own',
    '2 timeout nudge',
    '3 timeout remind',
    '4 accepted $tick p1',
    '5 accepted $tick p1',
    '6 timeout reviewEnds',
    '7 void - p2 MALFORMED',
    '8 rejected $tick p1 CLOSED',
  ])
})

test('banks bid under seal, and the best open bid is allotted', () => {
  const story = new Teller(begin(auctionScene, []))
  for (const bank of ['b1', 'b2', 'b3']) story.step('$join', bank)
  const times = { bidEnd: START + 1000, revealEnd: START + 2000 }
  story.step('open', 'arranger:arr', { input: { loan: 100, ...times } })
  const bids = { b1: [60, 120], b2: [50, 95], b3: [70, 95] } as const
  const salt = 'c2FsdC1mb3ItYmlkLW9mLQ'
  for (const bank of ['b1', 'b2', 'b3'] as const) {
    const c = makeDisclosure(salt, didOf(bank), bids[bank].join('@')).digest
    story.step('commit', `bank:${bank}`, { input: { c } })
  }
  story.step('commit', 'bank:b1', { input: { c: digestOf('x') } })
  story.wait(1000)
  story.step('commit', 'bank:b1', { input: { c: digestOf('y') } })
  for (const bank of ['b2', 'b3', 'b1'] as const) {
    const [amount, marginBp] = bank === 'b1' ? [61, 120] : bids[bank]
    story.step('reveal', `bank:${bank}`, { input: { salt, amount, marginBp } })
  }
  story.wait(1000)
  story.step('allot', 'arranger:arr', { input: { bank: didOf('b3') } })
  story.step('allot', 'arranger:arr', { input: { bank: didOf('b2') } })
  story.step('allot', 'bank:b3', { input: { bank: didOf('b3') } })
  story.step('allot', 'bank:b3', { input: { bank: didOf('b1') } })
  story.step('close', 'bank:b1')
  assert.deepEqual(story.lines.slice(4), [
    '5 accepted commit b1',
    '6 accepted commit b2',
    '7 accepted commit b3',
    '8 rejected commit b1 ALREADY_BID',
    '9 timeout bidEnd',
    '10 rejected commit b1 WRONG_STAGE',
    '11 accepted reveal b2',
    '12 accepted reveal b3',
    '13 rejected reveal b1 SEAL_BROKEN',
    '14 timeout revealEnd',
    '15 rejected allot arr NOT_BEST',
    '16 accepted allot arr',
    '17 accepted allot b3',
    '18 rejected allot b3 NO_SUCH_BID',
    '19 accepted close b1',
  ])
  const { award } = story.state.situation.fields
  assert.deepEqual(
    award,
    Object.assign(Object.create(null), { [didOf('b2')]: 50n, [didOf('b3')]: 50n }),
  )
})
