import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { NodeError } from '@concordat/protocol'
import {
  createTestParty,
  from,
  introduce,
  isRetryable,
  type StartExchange,
  sha256,
  type TestParty,
} from './exchange.testing.ts'

interface Parties {
  readonly alice: TestParty
  readonly bob: TestParty
  /** Knows alice, is not known by anyone. */
  readonly stranger: TestParty
}

const signal = AbortSignal.timeout(60_000)

/** What every exchange does alike. */
export function exchangeConformance(name: string, start: StartExchange): void {
  describe(`exchange ${name}`, () => {
    let parties: Parties | undefined
    const get = (): Parties => {
      assert.ok(parties)
      return parties
    }
    before(async () => {
      const alice = await createTestParty('alice', start)
      const bob = await createTestParty('bob', start)
      const stranger = await createTestParty('stranger', start)
      introduce(alice, bob)
      stranger.exchange.addPeer(alice.exchange.profile('node'))
      parties = { alice, bob, stranger }
    })
    after(async () => {
      const { alice, bob, stranger } = get()
      for (const party of [alice, bob, stranger]) await party.exchange[Symbol.asyncDispose]()
    })
    messageCases(get)
    strangerCases(get)
    payloadCases(get)
    blobCases(get)
  })
}

function messageCases(get: () => Parties): void {
  it('tells its profile and its peers', () => {
    const { alice } = get()
    const profile = alice.exchange.profile('node')
    assert.equal(profile.id, 'alice/node')
    alice.exchange.addPeer(profile)
    assert.deepEqual(alice.exchange.peers(), ['bob/node'])
  })

  it('carries a message with its proven sender', async () => {
    const { alice, bob } = get()
    const message = Buffer.from('{"batch":{"text":"line\\r\\nü\n"}}')
    const verdict = await alice.exchange.sendMessage('alice/node', 'bob/node', message, signal)
    assert.equal(verdict, 'accepted')
    assert.deepEqual(bob.arrived.at(-1), {
      kind: 'message',
      sender: 'alice/node',
      recipient: 'bob/node',
      message: message.toString(),
    })
  })

  it("tells the receiver's verdict", async () => {
    const { alice, bob } = get()
    for (const verdict of ['refused', 'later', 'accepted'] as const) {
      bob.verdict = verdict
      assert.equal(
        await alice.exchange.sendMessage('alice/node', 'bob/node', Buffer.from('{}'), signal),
        verdict,
      )
    }
  })

  it('does not let a party speak for a node it did not register', async () => {
    const { alice, bob } = get()
    const before = bob.arrived.length
    const verdict = await alice.exchange.sendMessage(
      'alice/other',
      'bob/node',
      Buffer.from('{}'),
      signal,
    )
    assert.equal(verdict, 'refused')
    assert.equal(bob.arrived.length, before)
  })
}

function strangerCases(get: () => Parties): void {
  it('asks a stranger to come back later with messages and blobs', async () => {
    const { alice, stranger } = get()
    const before = alice.arrived.length
    const { payloadRef, hash, size } = await stranger.blobs.write(from(Buffer.from('x')))
    assert.equal(
      await stranger.exchange.sendMessage('stranger/node', 'alice/node', Buffer.from('{}'), signal),
      'later',
    )
    assert.equal(
      await stranger.exchange.sendBlob(
        'stranger/node',
        'alice/node',
        { path: 'ns/x', payloadRef, hash, size },
        signal,
      ),
      'later',
    )
    assert.equal(alice.arrived.length, before)
  })

  it('answers a ping, and throws what may pass for one who is not known', async () => {
    const { alice } = get()
    assert.equal(await alice.exchange.ping('bob/node', signal), true)
    assert.equal(await alice.exchange.ping('nobody/node', signal), false)
    await assert.rejects(
      alice.exchange.sendMessage('alice/node', 'nobody/node', Buffer.from('{}'), signal),
      isRetryable,
    )
  })
}

function payloadCases(get: () => Parties): void {
  it('takes a payload from a stranger, but gives none', async () => {
    const { alice, stranger } = get()
    const content = Buffer.from('announced')
    const hash = sha256(content)
    assert.equal(
      await stranger.exchange.sendPayload(alice.seed(), hash, content, signal),
      'accepted',
    )
    const arrival = alice.arrived.at(-1)
    assert.deepEqual(arrival, {
      kind: 'payload',
      from: { id: 'stranger', registered: false, nodes: [] },
      hash,
      content: 'announced',
    })
    alice.payloads.set(hash, content)
    await assert.rejects(
      stranger.exchange.fetchPayload(alice.seed(), hash, 100, signal),
      isRetryable,
    )
  })

  it('refuses a payload with another hash', async () => {
    const { alice } = get()
    assert.equal(
      await alice.exchange.sendPayload(
        'bob/node',
        sha256(Buffer.from('a')),
        Buffer.from('b'),
        signal,
      ),
      'refused',
    )
  })

  it('fetches payloads and batches, and says when there is none', async () => {
    const { alice, bob } = get()
    const content = randomBytes(5000)
    const hash = sha256(content)
    assert.equal(await alice.exchange.fetchPayload('bob/node', hash, 5000, signal), undefined)
    bob.gone.add(hash)
    assert.equal(await alice.exchange.fetchPayload('bob/node', hash, 5000, signal), 'gone')
    assert.equal(await alice.exchange.fetchBatch('bob/node', hash, 5000, signal), undefined)
    bob.gone.delete(hash)
    bob.payloads.set(hash, content)
    bob.payloads.set('ab'.repeat(32), Buffer.from('batch'))
    assert.deepEqual(await alice.exchange.fetchPayload('bob/node', hash, 5000, signal), content)
    assert.deepEqual(await alice.exchange.fetchPayload(bob.seed(), hash, 5000, signal), content)
    assert.deepEqual(bob.arrived.at(-1), {
      kind: 'find',
      from: { id: 'alice', registered: true, nodes: ['alice/node'] },
      hash,
    })
    await assert.rejects(alice.exchange.fetchPayload('bob/node', hash, 4999, signal), NodeError)
    const batch = await alice.exchange.fetchBatch('bob/node', 'ab'.repeat(32), 100, signal)
    assert.equal(Buffer.from(batch ?? []).toString(), 'batch')
  })

  it('does not take content with another hash for what it asked', async () => {
    const { alice, bob } = get()
    const hash = sha256(Buffer.from('right'))
    bob.payloads.set(hash, Buffer.from('wrong'))
    await assert.rejects(alice.exchange.fetchPayload('bob/node', hash, 100, signal), NodeError)
  })
}

function blobCases(get: () => Parties): void {
  it('streams a private blob', async () => {
    const { alice, bob } = get()
    const content = randomBytes(3_000_000)
    const blob = await alice.blobs.write(from(content))
    const verdict = await alice.exchange.sendBlob(
      'alice/node',
      'bob/node',
      { path: 'ns/one', ...blob },
      signal,
    )
    assert.equal(verdict, 'accepted')
    const arrival = bob.arrived.at(-1)
    assert.ok(arrival?.kind === 'blob')
    const { path, hash, size, sender, recipient } = arrival
    assert.deepEqual(
      { path, hash, size, sender, recipient },
      {
        path: 'ns/one',
        hash: blob.hash,
        size: blob.size,
        sender: 'alice/node',
        recipient: 'bob/node',
      },
    )
    assert.deepEqual(Buffer.concat(await bob.blobs.read(arrival.payloadRef).toArray()), content)
  })

  it('carries an empty blob', async () => {
    const { alice, bob } = get()
    const blob = await alice.blobs.write(from(Buffer.alloc(0)))
    assert.equal(
      await alice.exchange.sendBlob(
        'alice/node',
        'bob/node',
        { path: 'ns/empty', ...blob },
        signal,
      ),
      'accepted',
    )
    assert.equal(bob.arrived.at(-1)?.kind, 'blob')
  })

  it('fetches a published blob, and goes on where it broke off', async () => {
    const { alice, bob } = get()
    const content = randomBytes(1_000_000)
    const hash = sha256(content)
    assert.equal(await alice.exchange.fetchBlob('bob/node', hash, signal), undefined)
    bob.published.set(hash, await bob.blobs.write(from(content)))
    const fetched = await alice.exchange.fetchBlob('bob/node', hash, signal)
    assert.deepEqual({ hash: fetched?.hash, size: fetched?.size }, { hash, size: content.length })
  })
}
