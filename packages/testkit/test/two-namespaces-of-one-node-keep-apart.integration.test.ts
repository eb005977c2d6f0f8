import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createLocalSigner, deployContract } from '@concordat/node'
import { startNetwork } from '../src/network.ts'
import type { PartyYaml } from '../src/party.ts'
import { createFireFly, type FireFly, listen, readText } from './support/firefly-client.ts'

/** Of the contract of the second namespace, once there is one. */
let second: string | undefined

/** Adds a namespace that each party calls by a name of its own, and the network `trade`. */
function withTrade({ namespaces, ...yaml }: PartyYaml, party: string): object {
  const [first] = namespaces.predefined
  if (!second || !first) return { ...yaml, namespaces }
  const { multiparty } = first
  const trade = {
    ...first,
    name: `${party}-trade`,
    multiparty: {
      ...multiparty,
      networkNamespace: 'trade',
      node: { name: `${party}-trader` },
      contract: [{ location: { address: second }, firstEvent: 'oldest' }],
    },
  }
  return { ...yaml, namespaces: { ...namespaces, predefined: [first, trade] } }
}

const network = await startNetwork({ parties: ['alice', 'bob'], configure: withTrade })
after(() => network[Symbol.asyncDispose]())

const { address } = await deployContract({
  url: network.anvil.url,
  signer: createLocalSigner(network.anvil.accounts[18]?.secret ?? '0x'),
  confirmations: 0,
  world: network.world,
  signal: AbortSignal.timeout(30_000),
})
second = address
for (const party of network.parties) {
  await party.stop()
  await party.start()
}
const alice = network.party('alice')
const bob = network.party('bob')
const aliceTrades = createFireFly(alice, 'alice-trade')
const bobTrades = createFireFly(bob, 'bob-trade')
const confirm = { confirm: true }
const confirmedAt = async (client: FireFly, id: string): Promise<boolean> =>
  (await client.getMessage(id))?.state === 'confirmed'

test('a namespace knows nothing of what the other knows', async () => {
  assert.equal((await aliceTrades.getStatus()).org?.registered, false)
  assert.deepEqual(await aliceTrades.getOrganizations(), [])
  assert.equal((await createFireFly(alice).getOrganizations()).length, 2)
  await assert.rejects(aliceTrades.sendBroadcast({ data: [{ value: 'too early' }] }), /FF10218/)
})

test('the same parties register in it, under the same keys', async () => {
  for (const [party, local] of [
    [alice, 'alice-trade'],
    [bob, 'bob-trade'],
  ] as const) {
    for (const what of ['organizations', 'nodes'])
      await party.post(`../${local}/network/${what}/self?confirm=true`, {})
  }
  for (const [party, client] of [
    [alice, aliceTrades],
    [bob, bobTrades],
  ] as const)
    await party.until(async () => (await client.getNodes()).length === 2, 'both nodes')
  const status = await bobTrades.getStatus()
  assert.equal(status.namespace?.name, 'bob-trade')
  assert.equal(status.namespace?.networkName, 'trade')
  assert.equal(status.node?.name, 'bob-trader')
  assert.equal(status.node?.registered, true)
})

test('messages go by the network’s name, and are kept under the local one', async () => {
  await bobTrades.replaceSubscription({ name: 'deals', filter: { events: 'message_confirmed' } })
  using received = listen(bobTrades, 'deals')
  const open = await aliceTrades.sendBroadcast(
    { header: { tag: 'offer' }, data: [{ value: 'for all' }] },
    confirm,
  )
  assert.equal(open.header?.namespace, 'trade')
  const blob = await aliceTrades.uploadDataBlob(Buffer.from('the contract'), {
    filename: 'contract.txt',
  })
  const secret = await aliceTrades.sendPrivateMessage(
    {
      header: { tag: 'deal' },
      group: { members: [{ identity: 'bob' }] },
      data: [{ value: 'for bob' }, { id: blob.id }],
    },
    confirm,
  )
  const delivery = await received.find(
    ({ reference }) => reference === secret.header?.id,
    'the private message',
  )
  assert.equal(delivery.namespace, 'bob-trade')
  assert.equal(delivery.subscription.namespace, 'bob-trade')
  assert.equal(delivery.message?.header?.namespace, 'trade')
  assert.equal(delivery.message?.localNamespace, 'bob-trade')
  assert.ok(await confirmedAt(bobTrades, open.header?.id ?? ''))
  assert.equal(await readText(await bobTrades.getDataBlob(blob.id ?? '')), 'the contract')
  const group = await bobTrades.getGroup(secret.header?.group ?? '')
  assert.equal(group?.namespace, 'trade')
})

test('nothing of one shows in the other', async () => {
  const first = createFireFly(bob)
  const elsewhere = await createFireFly(alice).sendBroadcast(
    { header: { tag: 'elsewhere' }, data: [{ value: 'in default' }] },
    confirm,
  )
  await bob.until(() => confirmedAt(first, elsewhere.header?.id ?? ''), 'the message')
  assert.deepEqual(await bobTrades.getMessages({ tag: 'elsewhere' }), [])
  assert.deepEqual(await first.getMessages({ tag: 'offer' }), [])
  assert.equal(await bobTrades.getMessage(elsewhere.header?.id ?? ''), undefined)
  assert.equal(await bobTrades.getData(elsewhere.data?.[0]?.id ?? ''), undefined)
  assert.deepEqual(
    (await bobTrades.getNamespaces()).map(({ name, networkName }) => [name, networkName]),
    [
      ['default', 'default'],
      ['bob-trade', 'trade'],
    ],
  )
})

test('an idempotency key is used once a namespace, by its local name', async () => {
  const message = { idempotencyKey: 'same', data: [{ value: 'x' }] }
  await aliceTrades.sendBroadcast(message, confirm)
  await createFireFly(alice).sendBroadcast(message, confirm)
  await assert.rejects(aliceTrades.sendBroadcast(message), /FF10430/)
})

test('a datatype of one does not bind the other', async () => {
  const datatype = { name: 'price', version: '1', value: { type: 'integer' } }
  await aliceTrades.createDatatype(datatype, confirm)
  await bob.until(
    async () => (await bobTrades.getDatatype('price', '1')) !== undefined,
    'the datatype',
  )
  assert.equal(await createFireFly(bob).getDatatype('price', '1'), undefined)
  const typed = { datatype: { name: 'price', version: '1' }, value: 'dear' }
  await assert.rejects(bobTrades.uploadData(typed), /FF10198/)
  await assert.rejects(createFireFly(bob).uploadData(typed), /FF10199/)
})
