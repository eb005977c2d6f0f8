import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { from } from '../exchange/exchange.testing.ts'
import type { BlobStore } from '../exchange/exchange.ts'
import type { SharedStorage } from './storage.ts'

/** Two members of one network: what the first publishes, the second fetches. */
export interface StoragePair extends AsyncDisposable {
  readonly publisher: SharedStorage
  readonly publisherBlobs: BlobStore
  /** Says that a blob was published, so that others may have it. */
  readonly published: (
    hash: string,
    blob: { readonly payloadRef: string; readonly size: number },
  ) => void
  readonly reader: SharedStorage
  readonly readerBlobs: BlobStore
  /** A well-formed reference to what nobody has. */
  readonly nowhere: string
  /** Makes everyone whom the reader could ask fall silent. */
  readonly silence: () => Promise<void>
}

const signal = AbortSignal.timeout(60_000)

/** What every shared storage does alike. */
export function storageConformance(name: string, create: () => Promise<StoragePair>): void {
  describe(`shared storage ${name}`, () => {
    let made: StoragePair | undefined
    const get = (): StoragePair => {
      assert.ok(made)
      return made
    }
    before(async () => {
      made = await create()
    })
    after(() => get()[Symbol.asyncDispose]())
    payloadCases(get)
    blobCases(get)
    it('calls someone who does not answer unreachable, and gives up when told to', async () => {
      const { reader, nowhere, silence } = get()
      await silence()
      const fetched = await reader.fetch(nowhere, 1000, signal)
      assert.equal(fetched.state, 'unreachable')
      await assert.rejects(
        reader.fetch(nowhere, 1000, AbortSignal.abort(new Error('enough'))),
        /enough/,
      )
    })
  })
}

function payloadCases(get: () => StoragePair): void {
  it('gives what was published, by one reference for one content', async () => {
    const { publisher, reader } = get()
    const content = randomBytes(100_000)
    const ref = await publisher.publish(content)
    assert.equal(await publisher.publish(content), ref)
    const fetched = await reader.fetch(ref, content.length, signal)
    assert.ok(fetched.state === 'found')
    assert.deepEqual(Buffer.from(fetched.content), content)
  })

  it('takes no more than it was told to', async () => {
    const { publisher, reader } = get()
    const ref = await publisher.publish(randomBytes(5000))
    assert.equal((await reader.fetch(ref, 4999, signal)).state, 'unreachable')
  })

  it('says when nobody has it', async () => {
    const { reader, nowhere } = get()
    assert.match((await reader.fetch(nowhere, 1000, signal)).state, /^(absent|gone)$/)
    assert.match((await reader.fetchBlob(nowhere, signal)).state, /^(absent|gone)$/)
  })

  it('never takes a reference for an address', async () => {
    const { reader } = get()
    const hostile = [
      '',
      '..',
      '../../etc/passwd',
      'http://127.0.0.1:1/',
      'a'.repeat(5000),
      '%2e%2e',
      'a b',
    ]
    for (const ref of hostile) {
      assert.deepEqual(await reader.fetch(ref, 1000, signal), { state: 'gone' })
      assert.deepEqual(await reader.fetchBlob(ref, signal), { state: 'gone' })
    }
  })
}

function blobCases(get: () => StoragePair): void {
  it('streams a published blob', async () => {
    const { publisher, publisherBlobs, published, reader, readerBlobs } = get()
    const content = randomBytes(2_000_000)
    const blob = await publisherBlobs.write(from(content))
    const ref = await publisher.publishBlob(blob.payloadRef, blob.hash, blob.size)
    published(blob.hash, blob)
    const fetched = await reader.fetchBlob(ref, signal)
    assert.ok(fetched.state === 'found')
    const { hash, size, payloadRef } = fetched.content
    assert.deepEqual({ hash, size }, { hash: blob.hash, size: blob.size })
    assert.deepEqual(Buffer.concat(await readerBlobs.read(payloadRef).toArray()), content)
  })
}
