import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { World } from '../lib/world.ts'
import { isDiskFailure, toDiskFailure } from '../store/disk-failure.ts'
import type { BlobStore } from './exchange.ts'

const REF = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const WRITES = 256 * 1024

/**
 * Blobs as files under `dir`: finished ones in `ab/<ref>` (the last two digits of a time-ordered reference spread them),
 * unfinished ones in `partial/`. A reference is made up here and says nothing of the content.
 */
export async function createFileBlobStore(
  dir: string,
  world: Pick<World, 'now' | 'uuid'>,
): Promise<BlobStore> {
  const partials = join(dir, 'partial')
  await mkdir(partials, { recursive: true, mode: 0o700 })
  const pathOf = (ref: string): string => {
    if (!REF.test(ref)) throw new RangeError('Not a reference of this blob store')
    return join(dir, ref.slice(-2), ref)
  }
  const partOf = (key: string): string => join(partials, sha256(key))

  /** Both the file and its name survive a power cut once this resolves. */
  const keep = async (from: string): Promise<string> => {
    const ref = world.uuid()
    const to = pathOf(ref)
    await mkdir(dirname(to), { recursive: true, mode: 0o700 })
    await rename(from, to)
    await syncFolder(dirname(to))
    await syncFolder(dir)
    return ref
  }

  return {
    async write(content) {
      const file = join(partials, world.uuid())
      try {
        const written = await writeFile(file, 'wx', content)
        return { payloadRef: await keep(file), ...written }
      } catch (error) {
        await rm(file, { force: true })
        throw error
      }
    },
    read: (payloadRef, start = 0) =>
      createReadStream(pathOf(payloadRef), { start, highWaterMark: WRITES }),
    remove: (payloadRef) => rm(pathOf(payloadRef), { force: true }),
    held: async (key) => (await sizeOf(partOf(key))) ?? 0,
    async append(key, start, content) {
      const file = partOf(key)
      const held = (await sizeOf(file)) ?? 0
      if (held !== start) throw new RangeError(`The write goes on at ${held}, not at ${start}`)
      await writeFile(file, 'a', content)
    },
    async finish(key, hash) {
      const file = partOf(key)
      const found = await hashFile(file)
      if (found?.hash === hash) return { payloadRef: await keep(file), ...found }
      await rm(file, { force: true })
      return undefined
    },
    async sweep(ageMs) {
      for (const name of await readdir(partials)) {
        const file = join(partials, name)
        const facts = await stat(file).catch(() => undefined)
        if (facts && facts.mtimeMs < world.now() - ageMs) await rm(file, { force: true })
      }
    },
  }
}

/** Resolves once the bytes are on disk; they are also when `content` breaks. */
async function writeFile(
  path: string,
  flags: 'wx' | 'a',
  content: AsyncIterable<Uint8Array>,
): Promise<{ hash: string; size: number }> {
  const hash = createHash('sha256')
  let size = 0
  const file = await open(path, flags, 0o600)
  try {
    for await (const chunk of content) {
      hash.update(chunk)
      size += chunk.length
      await file.writeFile(chunk)
    }
    return { hash: hash.digest('hex'), size }
  } catch (error) {
    throw isDiskFailure(error) ? toDiskFailure(error) : error
  } finally {
    await file.sync().finally(() => file.close())
  }
}

async function hashFile(path: string): Promise<{ hash: string; size: number } | undefined> {
  if ((await sizeOf(path)) === undefined) return undefined
  const hash = createHash('sha256')
  let size = 0
  for await (const chunk of createReadStream(path, { highWaterMark: WRITES })) {
    hash.update(chunk)
    size += chunk.length
  }
  return { hash: hash.digest('hex'), size }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  await folder.sync().finally(() => folder.close())
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
