import assert from 'node:assert/strict'
import { readFile, stat } from 'node:fs/promises'
import { request } from 'node:https'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { connect } from 'node:tls'
import { NodeError } from '@concordat/protocol'
import { introduce, isRetryable } from '../exchange.testing.ts'
import { startParty } from './mtls.testing.ts'

const signal = AbortSignal.timeout(60_000)
const text = Buffer.from('{}')

describe('the certificate of an mtls exchange', { timeout: 60_000 }, () => {
  it('makes a key once, for its owner only, and keeps it', async () => {
    const first = await startParty('alice')
    const { cert } = first.exchange.profile('node')
    await first[Symbol.asyncDispose]()
    for (const file of ['key.pem', 'cert.pem']) {
      assert.equal((await stat(join(first.dataDir, file))).mode & 0o777, 0o600)
    }
    await using again = await startParty('alice', {}, first.dataDir)
    assert.equal(again.exchange.profile('node').cert, cert)
  })

  it('does not add a profile that states no proper certificate or address', async () => {
    await using alice = await startParty('alice')
    await using bob = await startParty('bob')
    const profile = bob.exchange.profile('node')
    for (const bad of [
      { cert: '' },
      { cert: alice.exchange.profile('node').cert },
      { endpoint: 'http://x' },
      { endpoint: '/' },
    ]) {
      assert.throws(() => alice.exchange.addPeer({ ...profile, ...bad }), NodeError)
    }
    assert.deepEqual(alice.exchange.peers(), [])
  })

  it('speaks TLS 1.3 only, and lets no one without a certificate in', async () => {
    await using alice = await startParty('alice')
    const older = connect({
      port: alice.port,
      host: '127.0.0.1',
      rejectUnauthorized: false,
      maxVersion: 'TLSv1.2',
    })
    await assert.rejects(
      new Promise((resolve, reject) => older.once('secureConnect', resolve).once('error', reject)),
    )
    // As FireFly's data exchange connects: the registered certificate is its trust store, names are checked.
    const ca = alice.exchange.profile('node').cert
    assert.equal(await ping(alice.port, { ca }), 403)
    const cert = await readFile(join(alice.dataDir, 'cert.pem'))
    const key = await readFile(join(alice.dataDir, 'key.pem'))
    assert.equal(await ping(alice.port, { ca, cert, key }), 204)
  })
})

describe('peers of the mtls exchange, by their certificates', { timeout: 60_000 }, () => {
  it('tells someone with the same organisation in another certificate from the real one', async () => {
    await using alice = await startParty('alice')
    await using bob = await startParty('bob')
    await using impostor = await startParty('alice')
    introduce(alice, bob)
    impostor.exchange.addPeer(bob.exchange.profile('node'))
    assert.equal(
      await impostor.exchange.sendMessage('alice/node', 'bob/node', text, signal),
      'later',
    )
    await assert.rejects(
      impostor.exchange.fetchBatch('bob/node', 'ab'.repeat(32), 10, signal),
      isRetryable,
    )
    assert.deepEqual(bob.arrived, [])
    // The other way: what answers at alice's address must be alice.
    bob.exchange.addPeer({ ...alice.exchange.profile('node'), endpoint: impostor.endpoint })
    const sending = bob.exchange.sendMessage('bob/node', 'alice/node', text, signal)
    await assert.rejects(sending, (error) => error instanceof NodeError && error.code === 'CC20203')
    assert.deepEqual(impostor.arrived, [])
    await assert.rejects(
      bob.exchange.sendPayload(
        { url: impostor.endpoint, certSha256: alice.seed().certSha256 },
        'ab'.repeat(32),
        text,
        signal,
      ),
      (error) => error instanceof NodeError && error.code === 'CC20203',
    )
  })

  it('lets a certificate speak only for the node it was registered for', async () => {
    await using alice = await startParty('alice')
    await using bob = await startParty('bob')
    await using second = await startParty('alice')
    introduce(alice, bob)
    second.exchange.addPeer(bob.exchange.profile('node'))
    bob.exchange.addPeer(second.exchange.profile('second'))
    assert.equal(
      await second.exchange.sendMessage('alice/node', 'bob/node', text, signal),
      'refused',
    )
    assert.equal(
      await second.exchange.sendMessage('alice/second', 'bob/node', text, signal),
      'accepted',
    )
    await second.exchange.fetchBatch('bob/node', 'ab'.repeat(32), 10, signal)
    assert.deepEqual(bob.arrived.at(-1), {
      kind: 'find',
      from: { id: 'alice', registered: true, nodes: ['alice/second'] },
      hash: 'ab'.repeat(32),
    })
  })
})

describe('certificates of the mtls exchange that change', { timeout: 60_000 }, () => {
  it('takes both certificates while one is replaced, then only the new one', async () => {
    await using old = await startParty('alice')
    await using fresh = await startParty('alice')
    await using bob = await startParty('bob')
    introduce(old, bob)
    introduce(fresh, bob)
    assert.equal(await old.exchange.sendMessage('alice/node', 'bob/node', text, signal), 'accepted')
    assert.equal(
      await fresh.exchange.sendMessage('alice/node', 'bob/node', text, signal),
      'accepted',
    )
    bob.exchange.removeCertificate('alice/node', old.exchange.profile('node').cert)
    assert.equal(await old.exchange.sendMessage('alice/node', 'bob/node', text, signal), 'later')
    assert.equal(
      await fresh.exchange.sendMessage('alice/node', 'bob/node', text, signal),
      'accepted',
    )
    assert.equal(await bob.exchange.sendMessage('bob/node', 'alice/node', text, signal), 'accepted')
  })
})

function ping(
  port: number,
  options: { ca: string; cert?: Buffer; key?: Buffer },
): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const call = request({
      port,
      host: '127.0.0.1',
      method: 'HEAD',
      path: '/api/v1/ping',
      agent: false,
      ...options,
    })
    call.on('response', ({ statusCode }) => resolve(statusCode)).on('error', reject)
    call.end()
  })
}
