import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import type { World } from '../lib/world.ts'
import type { BlobStore } from './exchange.ts'

/** Blobs in memory, for simulation and tests: what it holds is lost with it. */
export function createMemoryBlobStore(world: Pick<World, 'now' | 'uuid'>): BlobStore {
  const blobs = new Map<string, Buffer>()
  const partials = new Map<string, { content: Buffer; touched: number }>()

  const keep = (content: Buffer): { payloadRef: string; hash: string; size: number } => {
    const payloadRef = world.uuid()
    blobs.set(payloadRef, content)
    return { payloadRef, hash: sha256(content), size: content.length }
  }

  return {
    async write(content) {
      const chunks: Uint8Array[] = []
      for await (const chunk of content) chunks.push(Buffer.from(chunk))
      return keep(Buffer.concat(chunks))
    },
    read(payloadRef, start = 0) {
      const content = blobs.get(payloadRef)
      if (content) return Readable.from([content.subarray(start)], { objectMode: false })
      const missing = new Readable({ read: () => {} })
      return missing.destroy(new Error('No such blob'))
    },
    async remove(payloadRef) {
      blobs.delete(payloadRef)
    },
    held: async (key) => partials.get(key)?.content.length ?? 0,
    async append(key, start, content) {
      const held = partials.get(key)?.content.length ?? 0
      if (held !== start) throw new RangeError(`The write goes on at ${held}, not at ${start}`)
      for await (const chunk of content) {
        const before = partials.get(key)?.content ?? Buffer.alloc(0)
        partials.set(key, { content: Buffer.concat([before, chunk]), touched: world.now() })
      }
    },
    async finish(key, hash) {
      const content = partials.get(key)?.content
      partials.delete(key)
      return content && sha256(content) === hash ? keep(content) : undefined
    },
    async sweep(ageMs) {
      for (const [key, { touched }] of partials) {
        if (touched < world.now() - ageMs) partials.delete(key)
      }
    },
  }
}

const sha256 = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex')
