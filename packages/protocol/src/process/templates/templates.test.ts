import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { loadYaml } from '../definition/read-yaml.ts'
import type { DecisionRecord } from '../fold/records.ts'
import { begin, didOf, makeScene, START, Teller } from '../fold/testing/scene.testing.ts'
import { parseStrict } from '../values/parse-strict.ts'
import type { JsonMap } from '../values/value.ts'
import { type TemplateName, templates } from './templates.ts'

const DAY = 86_400

function story(name: TemplateName, cast: Readonly<Record<string, string>>): Teller {
  const document = parseStrict(JSON.stringify(loadYaml(templates[name]).document))
  const scene = makeScene(document as JsonMap, cast)
  const teller = new Teller(begin(scene))
  const [creator, ...others] = new Set(Object.values(cast).flatMap((names) => names.split(' ')))
  assert.ok(creator !== undefined)
  if (scene.definition.document.govern?.consent === 'each') {
    for (const party of others) teller.step('$join', party)
  }
  teller.lines.length = 0
  return teller
}

/** What was decided, without the numbers of decisions. */
const told = ({ lines }: Teller): string[] => lines.map((line) => line.replace(/^\d+ /, ''))

const outputOf = (record: DecisionRecord | undefined): JsonMap | undefined =>
  record?.verdict === 'accepted' ? { ...record.output } : undefined

const hash = (letter: string): string => letter.repeat(64)

const bank = { applicant: 'buyer', issuer: 'bank', advising: 'adviser', beneficiary: 'seller' }
const terms = {
  amount: '250000.00',
  currency: 'EUR',
  expiry: START + 60 * DAY,
  latestShipment: START + 30 * DAY,
  required: ['transport', 'invoice'],
}

function presented(): Teller {
  const credit = story('letter-of-credit', bank)
  credit.step('issue', 'issuer:bank', { input: terms })
  credit.step('advise', 'advising:adviser')
  credit.wait(2 * DAY)
  credit.step('present', 'beneficiary:seller')
  const shipped = { hash: hash('a'), shippedAt: START + DAY }
  credit.step('lodgeTransport', 'beneficiary:seller', {
    input: { ...shipped, shippedAt: START + 9 * DAY },
  })
  credit.step('lodgeTransport', 'beneficiary:seller', { input: shipped })
  credit.step('lodge', 'beneficiary:seller', { input: { kind: 'photo', hash: hash('b') } })
  credit.step('lodge', 'beneficiary:seller', { input: { kind: 'invoice', hash: hash('b') } })
  const record = credit.step('present', 'beneficiary:seller')
  assert.deepEqual(told(credit), [
    'accepted issue bank',
    'accepted advise adviser',
    'rejected present seller DOCUMENTS_MISSING',
    'rejected lodgeTransport seller NOT_SHIPPED_YET',
    'accepted lodgeTransport seller',
    'rejected lodge seller NOT_REQUIRED',
    'accepted lodge seller',
    'accepted present seller',
  ])
  // Presented on a Thursday night: five banking days on, it is Thursday again.
  const at = record?.t ?? 0
  assert.deepEqual(outputOf(record), { examineBy: at + 7 * DAY })
  credit.lines.length = 0
  return credit
}

test('a bank that says nothing for five banking days has honoured', () => {
  const credit = presented()
  const { seen } = credit
  credit.wait(7 * DAY)
  const input = { discrepancies: ['The invoice has no number.'] }
  credit.step('refuse', 'issuer:bank', { input, seen })
  credit.step('settle', 'beneficiary:seller', { input: { reference: 'F-1' } })
  assert.deepEqual(told(credit), [
    'timeout examination',
    'rejected refuse bank CONFLICT (WRONG_STAGE) lost to examination #12',
    'accepted settle seller',
  ])
})

test('a refused presentation is honoured once the buyer waives, not before', () => {
  const credit = presented()
  credit.step('refuse', 'issuer:bank', { input: { discrepancies: ['The invoice has no number.'] } })
  credit.step('honour', 'issuer:bank')
  credit.step('waive', 'issuer:bank')
  credit.step('waive', 'applicant:buyer')
  credit.step('waive', 'applicant:buyer')
  const honoured = credit.step('honour', 'issuer:bank')
  assert.deepEqual(outputOf(honoured), { amount: '250000', currency: 'EUR' })
  assert.deepEqual(told(credit), [
    'accepted refuse bank',
    'rejected honour bank NOT_WAIVED',
    'rejected waive bank NOT_AUTHORISED',
    'accepted waive buyer',
    'rejected waive buyer ALREADY_WAIVED',
    'accepted honour bank',
  ])
})

test('a refused presentation is made good, but only within 21 days of shipment', () => {
  const credit = presented()
  const refuse = { input: { discrepancies: ['The invoice has no number.'] } }
  credit.step('refuse', 'issuer:bank', refuse)
  credit.step('lodge', 'beneficiary:seller', { input: { kind: 'invoice', hash: hash('c') } })
  credit.step('present', 'beneficiary:seller')
  credit.step('refuse', 'issuer:bank', refuse)
  credit.wait(20 * DAY)
  credit.step('present', 'beneficiary:seller')
  credit.wait(60 * DAY)
  credit.step('honour', 'issuer:bank')
  assert.deepEqual(told(credit), [
    'accepted refuse bank',
    'accepted lodge seller',
    'accepted present seller',
    'accepted refuse bank',
    'rejected present seller LATE_PRESENTATION',
    'timeout expiry',
    'rejected honour bank CLOSED',
  ])
})

test('what one party asks for needs two others, who see the same document', () => {
  const approval = story('approval', { requester: 'ada', approver: 'ada ben cay' })
  const request = { subject: 'Press', amount: '12000', document: hash('a') }
  approval.step('request', 'requester:ada', { input: request })
  approval.step('check', 'approver:ada', { input: { document: hash('a') } })
  approval.step('check', 'approver:ben', { input: { document: hash('a') } })
  approval.step('confirm', 'approver:ben', { input: { document: hash('a') } })
  approval.step('revise', 'requester:ada', { input: { ...request, document: hash('b') } })
  approval.step('confirm', 'approver:cay', { input: { document: hash('a') } })
  approval.step('check', 'approver:cay', { input: { document: hash('a') } })
  approval.step('check', 'approver:cay', { input: { document: hash('b') } })
  const record = approval.step('confirm', 'approver:ben', { input: { document: hash('b') } })
  assert.deepEqual(outputOf(record)?.approvers, [didOf('cay'), didOf('ben')])
  assert.deepEqual(told(approval), [
    'accepted request ada',
    'rejected check ada OWN_REQUEST',
    'accepted check ben',
    'rejected confirm ben SAME_APPROVER',
    'accepted revise ada',
    'rejected confirm cay WRONG_STAGE',
    'rejected check cay DOCUMENT_CHANGED',
    'accepted check cay',
    'accepted confirm ben',
  ])
})

test('a request that nobody answers lapses', () => {
  const approval = story('approval', { requester: 'ada', approver: 'ben cay' })
  const request = { subject: 'Press', amount: '12000', document: hash('a') }
  approval.step('request', 'requester:ada', { input: request })
  approval.wait(8 * DAY)
  approval.step('reject', 'approver:ben', { input: { reason: 'Too late.' } })
  assert.deepEqual(told(approval), [
    'accepted request ada',
    'timeout lapse',
    'rejected reject ben CLOSED',
  ])
})

/** A quote and its seal, made apart from the rules that check it. */
function sealedQuote(supplier: string, price: string, days: number) {
  const base64 = (data: Buffer): string => data.toString('base64url')
  const salt = supplier.padEnd(22, '.')
  const text = JSON.stringify([salt, didOf(supplier), `${price}@${days}`])
  const seal = base64(
    createHash('sha256')
      .update(base64(Buffer.from(text)))
      .digest(),
  )
  return { seal, open: { salt, price, days } }
}

test('quotes stay sealed until the closing time, and whoever does not answer loses the order', () => {
  const rfq = story('rfq', { buyer: 'buyer', supplier: 'north south' })
  const ask = {
    item: 'bolts',
    quantity: 1000,
    currency: 'EUR',
    closesAt: START + DAY,
    opensUntil: START + 2 * DAY,
  }
  const north = sealedQuote('north', '9.5', 14)
  const south = sealedQuote('south', '9.4', 21)
  rfq.step('ask', 'buyer:buyer', { input: ask })
  rfq.step('quote', 'supplier:north', { input: { seal: north.seal } })
  rfq.step('quote', 'supplier:south', { input: { seal: north.seal } })
  rfq.step('quote', 'supplier:south', { input: { seal: south.seal } })
  rfq.step('reveal', 'supplier:north', { input: north.open })
  rfq.wait(DAY)
  rfq.step('reveal', 'supplier:north', { input: { ...north.open, price: '9.30' } })
  rfq.step('reveal', 'supplier:north', { input: north.open })
  rfq.step('reveal', 'supplier:south', { input: south.open })
  rfq.wait(DAY)
  rfq.step('award', 'buyer:buyer', { input: { supplier: didOf('east') } })
  rfq.step('award', 'buyer:buyer', { input: { supplier: didOf('south') } })
  rfq.step('confirm', 'supplier:north')
  rfq.wait(3 * DAY)
  rfq.step('award', 'buyer:buyer', { input: { supplier: didOf('south') } })
  rfq.step('award', 'buyer:buyer', { input: { supplier: didOf('north') } })
  const record = rfq.step('confirm', 'supplier:north')
  assert.deepEqual(outputOf(record), { supplier: didOf('north'), price: '9.5', total: '9500' })
  assert.deepEqual(told(rfq), [
    'accepted ask buyer',
    'accepted quote north',
    'rejected quote south COPIED_SEAL',
    'accepted quote south',
    'rejected reveal north WRONG_STAGE',
    'timeout close',
    'rejected reveal north SEAL_BROKEN',
    'accepted reveal north',
    'accepted reveal south',
    'timeout opened',
    'rejected award buyer NO_SUCH_QUOTE',
    'accepted award buyer',
    'rejected confirm north NOT_AWARDED',
    'timeout noAnswer',
    'rejected award buyer HAS_DECLINED',
    'accepted award buyer',
    'accepted confirm north',
  ])
})
