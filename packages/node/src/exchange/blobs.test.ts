import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { createSystemWorld } from '../lib/world.ts'
import { createFileBlobStore } from './blobs.ts'
import { from, sha256 } from './exchange.testing.ts'
import type { BlobStore } from './exchange.ts'
import { createMemoryBlobStore } from './memory-blobs.ts'

const MEBIBYTE = 1024 * 1024
const world = createSystemWorld()
const folders: string[] = []
after(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))))

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'blobs-'))
  folders.push(folder)
  return folder
}

for (const [name, create] of [
  ['file', async () => createFileBlobStore(await newFolder(), world)],
  ['memory', async () => createMemoryBlobStore(world)],
] as const) {
  describe(`${name} blob store`, () => writeCases(create))
}

function writeCases(create: () => Promise<BlobStore>): void {
  it('gives back what was written, from any place, until it is removed', async () => {
    const blobs = await create()
    const content = randomBytes(300_000)
    const written = await blobs.write(from(content.subarray(0, 1000), content.subarray(1000)))
    assert.deepEqual(
      { hash: written.hash, size: written.size },
      { hash: sha256(content), size: 300_000 },
    )
    assert.deepEqual(await readAll(blobs, written.payloadRef), content)
    assert.deepEqual(await readAll(blobs, written.payloadRef, 299_000), content.subarray(299_000))
    const twin = await blobs.write(from(content))
    await blobs.remove(written.payloadRef)
    await assert.rejects(readAll(blobs, written.payloadRef))
    assert.deepEqual(await readAll(blobs, twin.payloadRef), content)
  })

  it('goes on with a write that broke', async () => {
    const blobs = await create()
    const content = randomBytes(10_000)
    await assert.rejects(blobs.append('key', 0, breaking(content.subarray(0, 4000))), /broke/)
    assert.equal(await blobs.held('key'), 4000)
    await assert.rejects(blobs.append('key', 3000, from(content)), RangeError)
    await blobs.append('key', 4000, from(content.subarray(4000)))
    const finished = await blobs.finish('key', sha256(content))
    assert.deepEqual(await readAll(blobs, finished?.payloadRef ?? ''), content)
    assert.equal(await blobs.held('key'), 0)
  })

  it('drops an unfinished write whose hash is wrong, or that nobody goes on with', async () => {
    const blobs = await create()
    await blobs.append('wrong', 0, from(Buffer.from('x')))
    assert.equal(await blobs.finish('wrong', 'ab'.repeat(32)), undefined)
    assert.equal(await blobs.finish('never', 'ab'.repeat(32)), undefined)
    await blobs.append('stale', 0, from(Buffer.from('x')))
    await blobs.sweep(60_000)
    assert.equal(await blobs.held('stale'), 1)
    await blobs.sweep(-60_000)
    assert.equal(await blobs.held('stale'), 0)
    assert.equal(await blobs.held('wrong'), 0)
  })
}

describe('file blob store on disk', () => {
  it('leaves nothing of a write that failed, and keeps the rest across a restart', async () => {
    const folder = await newFolder()
    const first = await createFileBlobStore(folder, world)
    await assert.rejects(first.write(breaking(Buffer.from('x'))), /broke/)
    assert.deepEqual(await readdir(join(folder, 'partial')), [])
    const { payloadRef } = await first.write(from(Buffer.from('kept')))
    await first.append('key', 0, from(Buffer.from('half')))
    const again = await createFileBlobStore(folder, world)
    assert.equal((await readAll(again, payloadRef)).toString(), 'kept')
    assert.equal(await again.held('key'), 4)
  })

  it('never leaves its folder', async () => {
    const blobs = await createFileBlobStore(await newFolder(), world)
    for (const ref of [
      '',
      '..',
      '../../etc/passwd',
      '/etc/passwd',
      'partial',
      `${world.uuid()}/..`,
    ]) {
      assert.throws(() => blobs.read(ref), RangeError)
      await assert.rejects(async () => blobs.remove(ref), RangeError)
    }
  })

  it('streams a large blob in constant memory', async () => {
    const blobs = await createFileBlobStore(await newFolder(), world)
    const before = process.memoryUsage.rss()
    const { payloadRef, size } = await blobs.write(zeros(256))
    assert.equal(size, 256 * MEBIBYTE)
    const hash = createHash('sha256')
    for await (const chunk of blobs.read(payloadRef)) hash.update(chunk)
    assert.ok(process.memoryUsage.rss() - before < 64 * MEBIBYTE)
  })
})

const readAll = async (blobs: BlobStore, ref: string, start?: number): Promise<Buffer> =>
  Buffer.concat(await blobs.read(ref, start).toArray())

async function* breaking(content: Uint8Array): AsyncIterable<Uint8Array> {
  yield content
  throw new Error('The wire broke')
}

async function* zeros(mebibytes: number): AsyncIterable<Uint8Array> {
  const chunk = Buffer.alloc(MEBIBYTE)
  for (let count = 0; count < mebibytes; count++) yield chunk
}
