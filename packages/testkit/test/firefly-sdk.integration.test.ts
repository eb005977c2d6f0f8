import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { after, test } from 'node:test'
import { startNetwork } from '../src/network.ts'
import {
  createFireFly,
  type FireFly,
  FireFlyError,
  FireFlyIdempotencyError,
  listen,
  type Received,
  readText,
} from './support/firefly-client.ts'

const confirm = { confirm: true }
const sha256 = (content: string | Buffer) => createHash('sha256').update(content).digest('hex')

const network = await startNetwork({ parties: ['alice', 'bob'] })
const alice = createFireFly(network.party('alice'))
const bob = createFireFly(network.party('bob'))
after(() => network[Symbol.asyncDispose]())

const untilAt = (name: string, fact: () => Promise<boolean>, what: string) =>
  network.party(name).until(fact, what)
/** What bob's node confirms from now on. */
const hearBob = async (name: string): Promise<Received> => {
  await bob.replaceSubscription({ name, filter: { events: 'message_confirmed' } })
  return listen(bob, name)
}
const toBob = { members: [{ identity: 'bob' }] }
const valuesOf = async (client: FireFly, id: string): Promise<unknown[]> => {
  const message = await client.getMessage(id)
  return await Promise.all(
    (message?.data ?? []).map(async ({ id: data = '' }) => (await client.getData(data))?.value),
  )
}

test('status says who we are, and of what the node is made', async () => {
  const status = await alice.getStatus()
  const party = network.party('alice')
  assert.equal(status.namespace?.name, 'default')
  assert.equal(status.org?.name, 'alice')
  assert.equal(status.org?.registered, true)
  assert.equal(status.org?.did, party.did)
  assert.deepEqual(status.org?.verifiers, [{ type: 'ethereum_address', value: party.key }])
  assert.equal(status.node?.name, 'alice-node')
  assert.equal(status.node?.registered, true)
  assert.equal(status.multiparty?.enabled, true)
  assert.deepEqual(Object.keys(status.plugins ?? {}).sort(), [
    'blockchain',
    'dataExchange',
    'database',
    'events',
    'identity',
    'sharedStorage',
    'tokens',
  ])
  assert.deepEqual(
    (await alice.getNamespaces()).map(({ name }) => name),
    ['default'],
  )
  assert.equal((await alice.getNamespace('default'))?.networkName, 'default')
  assert.equal(await alice.getNamespace('elsewhere'), undefined)
})

test('organisations and nodes of both are known to both', async () => {
  for (const client of [alice, bob]) {
    const orgs = await client.getOrganizations({ sort: 'name' })
    assert.deepEqual(
      orgs.map(({ name }) => name),
      ['alice', 'bob'],
    )
    const node = await client.getNode('bob-node')
    assert.equal(node?.parent, (await client.getOrganization('bob'))?.id)
    assert.equal((await client.getNode(node?.id ?? ''))?.did, 'did:firefly:node/bob-node')
  }
  assert.equal(await alice.getOrganization('nobody'), undefined)
  assert.equal(await alice.getNode('nothing'), undefined)
})

test('a datatype binds both parties, and data that does not fit is refused', async () => {
  const schema = {
    type: 'object',
    properties: { amount: { type: 'integer', minimum: 1 } },
    required: ['amount'],
  }
  const datatype = await alice.createDatatype(
    { name: 'order', version: '1.0', value: schema },
    confirm,
  )
  assert.equal(datatype.hash?.length, 64)
  await untilAt(
    'bob',
    async () => (await bob.getDatatype('order', '1.0')) !== undefined,
    'the datatype',
  )
  assert.deepEqual((await bob.getDatatype('order', '1.0'))?.value, schema)
  assert.equal(await bob.getDatatype('order', '2.0'), undefined)
  assert.deepEqual(
    (await bob.getDatatypes({ name: 'order' })).map(({ version }) => version),
    ['1.0'],
  )

  const typed = (value: unknown) => ({
    datatype: { name: 'order', version: '1.0' },
    validator: 'json',
    value: value as string,
  })
  const sent = await bob.sendBroadcast({ data: [typed({ amount: 3 })] }, confirm)
  assert.equal(sent.state, 'confirmed')
  assert.deepEqual(await valuesOf(bob, sent.header?.id ?? ''), [{ amount: 3 }])
  const stored = await bob.uploadData(typed({ amount: 5 }))
  assert.equal(stored.datatype?.name, 'order')
  for (const attempt of [
    () => bob.sendBroadcast({ data: [typed({ amount: 0 })] }),
    () => bob.uploadData(typed({ amount: 'three' })),
    () => alice.sendPrivateMessage({ group: toBob, data: [typed({})] }),
  ])
    await assert.rejects(attempt, (error) => {
      assert.ok(error instanceof FireFlyError)
      assert.match(error.message, /^FF10198: /)
      return true
    })
  await assert.rejects(
    alice.createDatatype({ name: 'order', version: '1.0', value: schema }),
    /FF10193/,
  )
  await assert.rejects(
    alice.createDatatype({ name: 'broken', version: '1', value: { type: 12 } as never }),
    /FF10196/,
  )
})

test('JSON data is uploaded, read back, found and deleted', async () => {
  const stored = await alice.uploadData({ value: { b: 1, a: [true, null] } as never })
  assert.equal(stored.hash, sha256('{"b":1,"a":[true,null]}'))
  assert.deepEqual((await alice.getData(stored.id))?.value, { b: 1, a: [true, null] })
  assert.deepEqual(
    (await alice.findData({ id: stored.id })).map(({ id }) => id),
    [stored.id],
  )
  await alice.deleteData(stored.id)
  assert.equal(await alice.getData(stored.id), undefined)
  assert.equal(await bob.getData(stored.id), undefined)
  await assert.rejects(alice.deleteData(stored.id), /FF10109|FF00164/)
})

test('a blob goes up as a form, along with messages, and down again at the other party', async () => {
  const content = randomBytes(300_000)
  const blob = await alice.uploadDataBlob(content, { filename: 'plan.bin' })
  assert.equal(blob.blob?.hash, sha256(content))
  assert.equal(blob.blob?.size, content.length)
  assert.equal(blob.blob?.name, 'plan.bin')
  assert.equal((blob.value as unknown as { filename: string }).filename, 'plan.bin')

  const broadcast = await alice.sendBroadcast({ data: [{ id: blob.id }] }, confirm)
  const secret = await alice.uploadDataBlob(Buffer.from('between us'), { filename: 'note.txt' })
  const whispered = await alice.sendPrivateMessage(
    { group: toBob, data: [{ id: secret.id }, { value: 'see the note' }] },
    confirm,
  )
  for (const message of [broadcast, whispered])
    await untilAt(
      'bob',
      async () => (await bob.getMessage(message.header?.id ?? ''))?.state === 'confirmed',
      'a message with a blob',
    )
  const chunks: Buffer[] = []
  for await (const chunk of await bob.getDataBlob(blob.id ?? '')) chunks.push(Buffer.from(chunk))
  assert.deepEqual(Buffer.concat(chunks), content)
  assert.equal(await readText(await bob.getDataBlob(secret.id ?? '')), 'between us')
  assert.equal((await bob.getData(secret.id ?? ''))?.blob?.hash, sha256('between us'))
})

test('data and blobs are published to shared storage', async () => {
  const blob = await alice.uploadDataBlob(Buffer.from('for all'), { filename: 'all.txt' })
  const published = await alice.publishDataBlob(blob.id ?? '', {})
  assert.ok(published.blob?.public)
  const value = await alice.uploadData({ value: 'for all' })
  assert.ok((await alice.publishData(value.id ?? '', {})).public)
})

test('messages arrive at the other party in the order in which they were sent', async () => {
  using events = await hearBob('ladder')
  const sent: string[] = []
  for (let i = 0; i < 20; i++) {
    const message =
      i % 2 === 0
        ? await alice.sendBroadcast({ header: { topics: ['ladder'] }, data: [{ value: `${i}` }] })
        : await alice.sendPrivateMessage({
            header: { topics: ['ladder'] },
            group: toBob,
            data: [{ value: `${i}` }],
          })
    sent.push(message.header?.id ?? '')
  }
  const seen = () =>
    events.deliveries.map(({ reference }) => reference).filter((id) => sent.includes(id ?? ''))
  await events.find(() => seen().length === 20, 'all messages')
  const parity = (rest: number) => sent.filter((_, i) => i % 2 === rest)
  for (const rest of [0, 1])
    assert.deepEqual(
      seen().filter((id) => parity(rest).includes(id ?? '')),
      parity(rest),
    )
  assert.deepEqual(await valuesOf(bob, sent[13] ?? ''), ['13'])
})

test('a group is made once, and known by its hash at both', async () => {
  const first = await alice.sendPrivateMessage(
    { group: { name: 'pair', ...toBob }, data: [{ value: 1 as never }] },
    confirm,
  )
  const hash = first.header?.group ?? ''
  const group = await alice.getGroup(hash)
  assert.equal(group?.name, 'pair')
  assert.deepEqual(
    group?.members?.map(({ identity }) => identity),
    ['did:firefly:org/alice', 'did:firefly:org/bob'],
  )
  await untilAt('bob', async () => (await bob.getGroup(hash)) !== undefined, 'the group')
  const answer = await bob.sendPrivateMessage(
    { header: { group: hash }, data: [{ value: 2 as never }] },
    confirm,
  )
  assert.equal(answer.header?.group, hash)
  const again = await alice.sendPrivateMessage({
    group: { name: 'pair', members: [{ identity: network.party('bob').did }] },
    data: [{ value: 3 as never }],
  })
  assert.equal(again.header?.group, hash)
  assert.equal(await alice.getGroup('0'.repeat(64)), undefined)
})

test('a request waits for its answer', async () => {
  using events = await hearBob('questions')
  const asked = alice.sendPrivateMessage(
    { header: { tag: 'question' }, group: toBob, data: [{ value: '6 × 7' }] },
    { requestReply: true },
  )
  const { message } = await events.find(
    ({ message: seen }) => seen?.header?.tag === 'question',
    'the question',
  )
  await bob.sendPrivateMessage({
    header: {
      tag: 'answer',
      cid: message?.header?.id ?? '',
      group: message?.header?.group ?? '',
    },
    data: [{ value: '42' }],
  })
  const answer = await asked
  assert.equal(answer.header?.tag, 'answer')
  assert.equal(answer.header?.author, 'did:firefly:org/bob')
  assert.deepEqual(
    answer.data?.map((item) => 'value' in item && item.value),
    ['42'],
  )
  await assert.rejects(
    alice.sendPrivateMessage({ group: toBob, data: [{ value: '?' }] }, { requestReply: true }),
    /FF10261/,
  )
})

test('a key used twice is an idempotency error', async () => {
  const message = { idempotencyKey: 'once', data: [{ value: 'only once' }] }
  const sent = await alice.sendBroadcast(message, confirm)
  assert.equal(sent.idempotencyKey, 'once')
  for (const send of [
    () => alice.sendBroadcast(message),
    () => alice.sendBroadcast(message, confirm),
    () => alice.sendPrivateMessage({ ...message, group: toBob }),
  ])
    await assert.rejects(send, (error) => {
      assert.ok(error instanceof FireFlyIdempotencyError)
      assert.match(error.message, /^FF10430: /)
      return true
    })
  assert.equal((await bob.sendBroadcast(message, confirm)).state, 'confirmed')
  const found = await alice.getMessages({ idempotencykey: 'once' } as never)
  assert.deepEqual(
    found.map(({ header }) => header?.id),
    [sent.header?.id],
  )
})

test('an unpinned message comes without a pin', async () => {
  const sent = await alice.sendPrivateMessage({
    header: { txtype: 'unpinned', tag: 'aside' },
    group: toBob,
    data: [{ value: 'psst' }],
  })
  const id = sent.header?.id ?? ''
  await untilAt('bob', async () => (await bob.getMessage(id))?.state === 'confirmed', 'the aside')
  assert.deepEqual(await valuesOf(bob, id), ['psst'])
  assert.equal((await bob.getMessage(id))?.header?.txtype, 'unpinned')
})
