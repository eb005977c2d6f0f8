import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import {
  canonicalJson,
  loadDefinition,
  parseStrict,
  templates,
  toTypes,
} from '@concordat/protocol/process'
import { loadYaml } from '@concordat/protocol/process/yaml'
import { type AgreedProcess, ApiError, type Client, createClient } from '@concordat/sdk'
import { call } from '../src/anvil.ts'
import { type Network, startNetwork } from '../src/index.ts'
import { type PurchaseOrderProcess, purchaseOrderHash } from './support/purchase-order.generated.ts'
import { createRest, space } from './support/rest.ts'

type Order = AgreedProcess<PurchaseOrderProcess>

const terms = { item: 'bolts', qty: 100, price: '11.25', currency: 'EUR' } as const
let network: Network
let buyer: Client
let seller: Client

before(async () => {
  network = await startNetwork({ parties: ['a', 'b'] })
  buyer = createClient(network.party('a').url)
  seller = createClient(network.party('b').url)
  const { hash } = await buyer.flows.propose(templates['purchase-order'])
  assert.equal(hash, purchaseOrderHash)
  for (const party of network.parties) {
    const client = createClient(party.url)
    await party.until(async () => (await client.flows.list({ hash })).length === 1, 'it is known')
    await client.flows.adopt('purchase-order@1.0.0')
  }
})
after(() => network[Symbol.asyncDispose]())

/** Begins an order that both know, as each of them has it. */
async function begin(): Promise<{ readonly bought: Order; readonly sold: Order }> {
  const parties = { buyer: 'a', seller: 'b' }
  const bought = await buyer.processes.begin<PurchaseOrderProcess>(purchaseOrderHash, parties)
  const sold = seller.processes.of<PurchaseOrderProcess>(bought.id)
  await network.party('b').until(() => isThere(sold), 'the seller knows the order')
  return { bought, sold }
}

const isThere = (order: Order): Promise<boolean> =>
  order.get().then(
    ({ status }) => status === 'running',
    () => false,
  )

const reaches = (order: Order, party: string, n: number): Promise<void> =>
  network.party(party).until(async () => (await order.get()).n >= n, `decision ${n} is here`)

test('types of a definition are those of the template', async () => {
  const { result } = loadYaml(templates['purchase-order'])
  assert(result.definition)
  const file = new URL('./support/purchase-order.generated.ts', import.meta.url)
  const { definition } = loadDefinition(parseStrict(canonicalJson(result.definition.document)))
  assert(definition)
  assert.equal(await readFile(file, 'utf8'), toTypes(definition))
  assert.equal(await seller.flows.types('purchase-order'), toTypes(definition))
})

test('an order goes from terms to payment, typed by its definition', async () => {
  const { bought, sold } = await begin()
  const proposed = await bought.steps.propose(terms)
  assert.deepEqual([proposed.verdict, proposed.n, proposed.role], ['accepted', 1, 'buyer'])
  await reaches(sold, 'b', 1)
  const seen = await sold.get()
  assert.deepEqual([seen.state.price, seen.stages.main.stage], ['11.25', 'offered'])
  assert.deepEqual(seen.parties, { buyer: ['did:firefly:org/a'], seller: ['did:firefly:org/b'] })
  // @ts-expect-error there is no such stage
  const stage: typeof seen.stages.main.stage = 'lost'
  assert.notEqual(seen.stages.main.stage, stage)
  await assert.rejects(
    // @ts-expect-error a decimal is a text
    sold.steps.counter({ price: 12 }),
    { status: 422, code: 'CC21011' },
  )
  await sold.steps.accept({ round: 1 }, { role: 'seller' })
  await sold.steps.deliver({ qty: 100 })
  await sold.steps.invoice({ net: '1125', vatRate: '0.19', total: '1338.75' })
  const paid = await sold.steps.pay()
  await reaches(bought, 'a', paid.n)
  const [mine, yours] = [await bought.get(), await sold.get()]
  assert.deepEqual([mine.status, mine.hash], ['closed', yours.hash])
  assert.deepEqual(await bought.decisions(), await sold.decisions())
  assert.equal((await bought.decision(1)).step, 'propose')
})

test('of two that accept at once one wins, and the other is told who', async () => {
  const { bought, sold } = await begin()
  await bought.steps.propose(terms)
  await reaches(sold, 'b', 1)
  await sold.steps.counter({ price: '12' })
  await reaches(bought, 'a', 2)
  const outcomes = await Promise.allSettled([
    bought.steps.accept({ round: 2 }),
    sold.steps.withdraw(),
  ])
  const lost = outcomes.find(({ status }) => status === 'rejected')
  assert(lost?.status === 'rejected')
  const { reason } = lost
  assert(reason instanceof ApiError)
  assert.deepEqual([reason.status, reason.code], [409, 'CC21010'])
  assert.equal(reason.decision?.code, 'CONFLICT')
  assert.match(reason.decision?.rule ?? '', /^(WRONG_STAGE|CLOSED)$/)
  assert.equal(reason.decision?.winner?.n, 3)
  assert.match(reason.message, /came first/)
})

test('a step that can not count is refused at once; a dry run says so without a refusal', async () => {
  const { bought, sold } = await begin()
  await bought.steps.propose(terms)
  const tried = await bought.steps.accept.tryOut({ round: 1 })
  assert.deepEqual(
    [tried.verdict, tried.code, tried.hash],
    ['rejected', 'NOT_YOUR_TURN', undefined],
  )
  await assert.rejects(bought.steps.accept({ round: 1 }), (error) => {
    assert(error instanceof ApiError)
    assert.deepEqual([error.status, error.decision?.code], [422, 'NOT_YOUR_TURN'])
    return true
  })
  await reaches(sold, 'b', 1)
  await assert.rejects(sold.steps.accept({ round: 1 }, { expect: { n: 0 } }), (error) => {
    assert(error instanceof ApiError)
    assert.deepEqual([error.status, error.decision?.code], [409, 'EXPECT_FAILED'])
    return true
  })
  assert.equal((await bought.get()).n, 1)
})

test('the same intent again gets the same answer', async () => {
  const { bought } = await begin()
  const once = { intent: `propose ${bought.id}` }
  const first = await bought.steps.propose(terms, once)
  assert.deepEqual(await bought.steps.propose(terms, once), first)
  const answer = await bought.submit('propose', terms, { ...once, confirm: false })
  assert.deepEqual(answer.decision, first)
  assert.equal((await bought.get()).n, 1)
})

test('one wish made several times at once is one step, and all hear the same', async () => {
  const { bought } = await begin()
  const once = { intent: `at once ${bought.id}` }
  const answers = await Promise.all([1, 2, 3].map(() => bought.steps.propose(terms, once)))
  assert.deepEqual(answers[1], answers[0])
  assert.deepEqual(answers[2], answers[0])
  assert.equal((await bought.get()).n, 1)
})

test('who waits too long is told so, and asks again by the same intent', async () => {
  const { bought } = await begin()
  const mine = (on: boolean) => call(network.anvil.url, 'evm_setAutomine', [on])
  const once = { input: terms, intent: `late ${bought.id}` }
  await mine(false)
  const url = `${network.party('a').url}${space}/processes/${bought.id}/steps/propose?confirm`
  const late = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'request-timeout': '300ms' },
    body: JSON.stringify(once),
  })
  await mine(true)
  await call(network.anvil.url, 'evm_mine', [])
  assert.equal(late.status, 408)
  assert.match(await late.text(), /FF10260/)
  const decision = await bought.steps.propose(terms, { intent: once.intent })
  assert.deepEqual([decision.verdict, decision.n], ['accepted', 1])
})

test('without confirm a step is on its way, and its message is one like any other', async () => {
  const { bought } = await begin()
  const url = `${space}/processes/${bought.id}/steps/propose`
  const { status, body } = await createRest(network.party('a')).call('POST', url, { input: terms })
  assert.equal(status, 202)
  const { message, decision, intent } = body as Record<string, unknown>
  assert.deepEqual([typeof message, decision, typeof intent], ['string', undefined, 'string'])
  const sent = await buyer.api.getMsgByID({ params: { msgid: String(message) } })
  assert.deepEqual([sent.header.tag, sent.header.topics], ['ffp.step', [`ffp-${bought.id}`]])
})

test('orders are found by stage, party and what they hold', async () => {
  const { bought, sold } = await begin()
  await bought.steps.propose({ ...terms, item: 'anvils', price: '1000.5', qty: 2 })
  await reaches(sold, 'b', 1)
  const found = async (query: object) =>
    (await seller.processes.list<PurchaseOrderProcess>(query)).map(({ id }) => id)
  for (const query of [
    { 'state.price': '>999.99' },
    { 'state.item': 'anvils' },
    { 'state.item': ':@ANV', 'stage.main': 'offered' },
    { 'state.qty': '<=2', 'state.offeredBy': 'buyer' },
    { 'state.price': '>99', 'party.buyer': 'did:firefly:org/a' },
    { id: bought.id, party: 'did:firefly:org/b' },
    { sort: '-state.price', limit: 1 },
  ])
    assert.deepEqual(await found(query), [bought.id], JSON.stringify(query))
  assert.deepEqual(await found({ 'state.price': '>1000.5' }), [])
  assert.deepEqual(await found({ party: 'did:firefly:org/c' }), [])
  const decisions = await buyer.api.getDecisions({
    query: { process: bought.id, verdict: 'accepted', time: '>0' },
  })
  assert.deepEqual(
    decisions.map(({ step }) => step),
    ['propose'],
  )
})

test('a process says what it waits for', async () => {
  const { bought } = await begin()
  const before = await bought.why()
  assert.deepEqual(
    before.turns.map(({ party, steps }) => [party, steps.map(({ step }) => step)]),
    [['did:firefly:org/a', ['propose']]],
  )
  await bought.steps.propose(terms)
  const { turns, next, text, status } = await bought.why()
  assert.deepEqual([status, next?.deadline], ['running', 'offerExpires'])
  assert.deepEqual(
    turns.map(({ party, steps }) => [party, steps.map(({ step }) => step).sort()]),
    [
      ['did:firefly:org/a', ['withdraw']],
      ['did:firefly:org/b', ['accept', 'counter']],
    ],
  )
  assert.match(text, /turn of did:firefly:org\/a \(withdraw\), or of did:firefly:org\/b/)
})

test('a live view shows a process as it goes, and ends with it', async () => {
  const { bought, sold } = await begin()
  const stages: string[] = []
  for await (const { stages: now, n } of sold.watch({ signal: AbortSignal.timeout(30_000) })) {
    stages.push(now.main.stage)
    if (n === 0) await bought.steps.propose(terms)
    if (n === 1) await bought.steps.withdraw()
  }
  assert.deepEqual(stages, ['draft', 'offered', 'declined'])
})

test('events of processes go to those who ask for them, with what was decided', async () => {
  const signal = AbortSignal.timeout(30_000)
  const ephemeral = true as const
  const { bought, sold } = await begin()
  const topic = `^ffp-${bought.id}$`
  const options = { firstEvent: 'oldest' }
  await bought.steps.propose(terms)
  await reaches(sold, 'b', 1)
  await using all = seller.events({ ephemeral, signal, options, filter: { topic } })
  await using asked = seller.events({
    ephemeral,
    signal,
    options,
    filter: { topic, events: '^process_' },
  })
  const plain: string[] = []
  for await (const { type } of all) {
    plain.push(type)
    if (plain.length === 2) break
  }
  assert.deepEqual(plain, ['message_confirmed', 'message_confirmed'])
  const [created, accepted] = [await asked.next(), await asked.next()]
  assert.equal(created.value?.type, 'process_created')
  assert.equal(created.value?.process?.id, bought.id)
  assert.equal(accepted.value?.type, 'process_step_accepted')
  assert.equal(accepted.value?.correlator, bought.id)
  assert.deepEqual(accepted.value?.decision, await sold.decision(1))
})

test('a definition is shown in every form', async () => {
  assert.match(await buyer.flows.diagram('purchase-order'), /^stateDiagram-v2/)
  assert.match(await buyer.flows.diagram('purchase-order', { format: 'bpmn' }), /^<\?xml/)
  const { paths } = (await buyer.flows.openApi(purchaseOrderHash)) as { paths: object }
  assert.ok('/processes/{id}/steps/accept' in paths)
  const newer = templates['purchase-order'].replace('version: 1.0.0', 'version: 1.10.0')
  const { hash, version } = await buyer.flows.propose(newer.replace('P2D', 'P3D'))
  assert.equal(version, '1.10.0')
  assert.equal((await buyer.flows.get('purchase-order')).hash, hash)
  const changes = await buyer.flows.diff('purchase-order@1.0.0', hash)
  assert.deepEqual(
    changes.map(({ path, binding }) => [path, binding]),
    [
      ['$.deadlines.offerExpires.after', true],
      ['$.version', true],
    ],
  )
})

test('a definition for some is known to them alone, and each process of it asks for their consent', async () => {
  const party = await network.join('c')
  const stranger = createClient(party.url)
  const text = templates['purchase-order'].replace('name: purchase', 'name: private')
  const flow = await buyer.flows.propose(text, { members: ['b'] })
  assert.match(flow.group ?? '', /^[0-9a-f]{64}$/)
  await assert.rejects(buyer.flows.adopt(flow.hash), { status: 409, code: 'CC21003' })
  const wrong = { buyer: ['a', 'b'], seller: 'b' }
  await assert.rejects(buyer.processes.begin(flow.hash, wrong), { status: 422, code: 'CC21012' })
  const parties = { buyer: 'a', seller: 'b' }
  const asked = await buyer.processes.begin(flow.hash, parties)
  const { status, awaited } = await asked.get()
  assert.deepEqual([status, awaited], ['open', ['did:firefly:org/b']])
  assert.match((await asked.why()).text, /have to join first: did:firefly:org\/b/)
  const answered = seller.processes.of(asked.id)
  await network.party('b').until(
    () =>
      answered.get().then(
        () => true,
        () => false,
      ),
    'the process is known',
  )
  const { decision } = await answered.join()
  assert.equal(decision?.verdict, 'accepted')
  assert.equal((await answered.get()).status, 'running')
  await assert.rejects(answered.join(), { status: 422, code: 'CC21011' })
  await assert.rejects(stranger.flows.get(flow.hash), { status: 404, code: 'CC21002' })
  await assert.rejects(stranger.processes.of(asked.id).get(), { status: 404 })
})

test('a definition with faults is refused with each of them, and how to mend it', async () => {
  const wrong = templates.approval.replace(/initial: \w+/, 'initial: nowhere')
  await assert.rejects(buyer.flows.propose(wrong), (error) => {
    assert(error instanceof ApiError)
    assert.deepEqual([error.status, error.code], [400, 'CC21001'])
    assert.ok(error.faults.length > 0)
    for (const { path, mend } of error.faults) assert.ok(path.startsWith('$') && mend !== '')
    return true
  })
  await assert.rejects(buyer.flows.propose('a: [b'), { code: 'CC21001' })
})
