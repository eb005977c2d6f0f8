import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startNetwork } from '../src/network.ts'
import {
  createFireFly,
  type Delivery,
  type FireFly,
  listen,
  type Received,
} from './support/firefly-client.ts'
import { untilState } from './support/outcome.ts'

interface Connections {
  readonly enabled: boolean
  readonly connections: readonly {
    readonly userAgent: string
    readonly subscriptions: readonly { readonly name?: string; readonly ephemeral: boolean }[]
  }[]
}

const network = await startNetwork({ parties: ['alice', 'bob'] })
const alice = createFireFly(network.party('alice'))
const bob = createFireFly(network.party('bob'))
after(() => network[Symbol.asyncDispose]())

const confirmedBy = (tag: string) => ({
  filter: { events: 'message_confirmed', message: { tag: `^${tag}$` } },
  options: { firstEvent: 'oldest' },
})
const send = async (tag: string, value: string, from: FireFly = alice): Promise<string> => {
  const { header } = await from.sendBroadcast(
    { header: { tag, topics: [tag] }, data: [{ value }] },
    { confirm: true },
  )
  return header?.id ?? ''
}
const connections = async (): Promise<Connections> =>
  await network.party('bob').get<Connections>('../../websockets')
const untilClosed = (name: string): Promise<void> =>
  network
    .party('bob')
    .until(
      async () =>
        (await connections()).connections.every(({ subscriptions }) =>
          subscriptions.every((subscription) => subscription.name !== name),
        ),
      `nobody listens to ${name}`,
    )
const references = ({ deliveries }: Received) => deliveries.map(({ reference }) => reference)

test('a durable subscription delivers what came before, then what comes, in order', async () => {
  const first = await send('durable', 'before')
  const subscription = await bob.replaceSubscription({
    name: 'durable',
    ...confirmedBy('durable'),
  })
  assert.equal(subscription.transport, 'websockets')
  using received = listen(bob, 'durable')
  await received.count(1)
  const second = await send('durable', 'then')
  const third = await send('durable', 'last', bob)
  const deliveries = await received.count(3)
  assert.deepEqual(references(received), [first, second, third])
  const { message, subscription: from, type } = deliveries[2] as Delivery
  assert.equal(type, 'message_confirmed')
  assert.equal(message?.header?.author, 'did:firefly:org/bob')
  assert.deepEqual(from, { id: subscription.id, namespace: 'default', name: 'durable' })
  const sequences = deliveries.map(({ sequence }) => Number(sequence))
  assert.deepEqual(
    sequences,
    [...sequences].sort((a, b) => a - b),
  )
})

test('what was acknowledged does not come again; what was not does', async () => {
  await bob.replaceSubscription({ name: 'again', ...confirmedBy('again') })
  const sent = [await send('again', '1'), await send('again', '2'), await send('again', '3')]
  const silent: Delivery[] = []
  const heard = Promise.withResolvers<void>()
  // A client that hears one event and hangs up before it is done with it.
  const hung = bob.listen('again', (socket, delivery) => {
    silent.push(delivery)
    socket.close()
    heard.resolve()
  })
  await heard.promise
  hung.close()
  await untilClosed('again')
  assert.deepEqual(
    silent.map(({ reference }) => reference),
    [sent[0]],
  )
  {
    using received = listen(bob, 'again')
    const deliveries = await received.count(3)
    assert.deepEqual(references(received), sent)
    assert.equal(deliveries[0]?.id, silent[0]?.id)
    await network.party('bob').until(async () => {
      const { status } = await network
        .party('bob')
        .get<{ status: { currentOffset: number } }>(
          `subscriptions/${deliveries[0]?.subscription.id}?fetchstatus`,
        )
      return status.currentOffset >= Number(deliveries[2]?.sequence)
    }, 'the acknowledgements')
  }
  await untilClosed('again')
  const next = await send('again', '4')
  using received = listen(bob, 'again')
  await received.count(1)
  assert.deepEqual(references(received), [next])
})

test('two connections of one subscription do not both get an event, and the second takes over', async () => {
  await bob.replaceSubscription({ name: 'shared', ...confirmedBy('shared') })
  const one = listen(bob, 'shared')
  const sent = [await send('shared', '1')]
  await one.count(1)
  using two = listen(bob, 'shared')
  sent.push(await send('shared', '2'))
  await one.count(2)
  assert.equal(two.deliveries.length, 0)
  one[Symbol.dispose]()
  const last = await send('shared', '3')
  await two.find(({ reference }) => reference === last, 'the event after the change')
  assert.deepEqual(references(one), sent)
})

test('an ephemeral subscription hears what comes after it began', async () => {
  const before = await send('ephemeral', 'before')
  await untilState([network.party('bob')], before, 'confirmed')
  using received = listen(bob, { filter: { events: 'message_confirmed' } })
  await network
    .party('bob')
    .until(
      async () =>
        (await connections()).connections.some(({ subscriptions }) =>
          subscriptions.some(({ ephemeral }) => ephemeral),
        ),
      'the listener',
    )
  const after = await send('ephemeral', 'after')
  await received.find(({ reference }) => reference === after, 'the event')
  assert.ok(!references(received).includes(before))
  const { enabled, connections: open } = await connections()
  assert.equal(enabled, true)
  assert.ok(open.every(({ userAgent }) => typeof userAgent === 'string'))
})

test('filters choose by event, topic, tag, author and group', async () => {
  const named = (name: string, filter: object) =>
    bob.replaceSubscription({ name, filter, options: { firstEvent: 'newest' } })
  await named('by-topic', { events: '^message_confirmed$', topic: '^chosen$' })
  await named('by-author', { message: { author: 'org/bob$', tag: '^picked$' } })
  await named('by-group', { message: { group: '.+', tag: '^picked$' } })
  const post = (from: FireFly, topic: string) =>
    from.sendBroadcast({ header: { tag: 'picked', topics: [topic] }, data: [{ value: topic }] })
  const chosen = await post(alice, 'chosen')
  await post(alice, 'other')
  const bobs = await post(bob, 'other')
  const whisper = await alice.sendPrivateMessage(
    {
      header: { tag: 'picked', topics: ['other'] },
      group: { members: [{ identity: 'bob' }] },
      data: [{ value: 'psst' }],
    },
    { confirm: true },
  )
  for (const [name, expected] of [
    ['by-topic', chosen],
    ['by-author', bobs],
    ['by-group', whisper],
  ] as const) {
    using received = listen(bob, name)
    const delivery = await received.find(() => true, `an event for ${name}`)
    assert.equal(delivery.reference, expected.header?.id, name)
  }
})

test('subscriptions are listed, replaced in place, and removed', async () => {
  const first = await bob.replaceSubscription({ name: 'kept', ...confirmedBy('kept') })
  const replaced = await bob.replaceSubscription({
    name: 'kept',
    filter: { events: 'message_.*' },
    options: { readAhead: 5 },
  })
  assert.equal(replaced.id, first.id)
  assert.equal(replaced.filter?.events, 'message_.*')
  const listed = await bob.getSubscriptions({ name: 'kept' })
  assert.deepEqual(
    listed.map(({ id }) => id),
    [first.id],
  )
  await bob.deleteSubscription(first.id ?? '')
  assert.deepEqual(await bob.getSubscriptions({ name: 'kept' }), [])
  await assert.rejects(bob.deleteSubscription(first.id ?? ''), /^Error: FF10143: /)
})

test('a subscription that reads ahead loses nothing and keeps the order', async () => {
  await bob.replaceSubscription({
    name: 'ahead',
    ...confirmedBy('ahead'),
    options: { firstEvent: 'oldest', readAhead: 10 },
  })
  const sent: string[] = []
  for (let i = 0; i < 30; i++) {
    const { header } = await alice.sendBroadcast({
      header: { tag: 'ahead', topics: ['ahead'] },
      data: [{ value: `${i}` }],
    })
    sent.push(header?.id ?? '')
  }
  using received = listen(bob, 'ahead')
  await received.count(30)
  assert.deepEqual(references(received), sent)
})
