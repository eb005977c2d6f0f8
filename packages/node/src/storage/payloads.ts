import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { formatTime, padTime } from '@concordat/protocol'
import type { World } from '../lib/world.ts'
import type { Database, Transaction } from '../store/database.ts'
import type { PayloadRow } from '../store/schema.ts'
import type { PayloadStore } from './storage.ts'

/** Below this, shrinking saves no page of the database. */
const WORTH_SHRINKING = 1024

/** Payloads in the database, deflated (raw, level 1) where that is shorter. The same hash again changes nothing. */
export function createPayloadStore(database: Database, world: Pick<World, 'now'>): PayloadStore {
  const insert = async (tx: Transaction, row: PayloadRow): Promise<void> => {
    await tx.insertMany('payloads', [row], { skipConflicts: true })
  }
  const toRow = (hash: string, content: Uint8Array): PayloadRow => ({
    hash,
    ...shrink(content),
    size: content.length,
    created: padTime(formatTime(world.now())),
  })
  return {
    async put(hash, content) {
      const row = toRow(hash, content)
      await database.transaction((tx) => insert(tx, row))
    },
    putIn: (tx, hash, content) => insert(tx, toRow(hash, content)),
    async get(hash, tx) {
      const row = await (tx?.db ?? database.read)
        .selectFrom('payloads')
        .selectAll()
        .where('hash', '=', hash)
        .executeTakeFirst()
      return row && expand(row)
    },
  }
}

function shrink(content: Uint8Array): Pick<PayloadRow, 'content' | 'encoding'> {
  if (content.length >= WORTH_SHRINKING) {
    const shrunk = deflateRawSync(content, { level: 1 })
    if (shrunk.length < content.length) return { content: shrunk, encoding: 'deflate' }
  }
  return { content, encoding: 'plain' }
}

function expand({ content, encoding, size }: PayloadRow): Uint8Array {
  if (encoding === 'plain') return content
  return inflateRawSync(content, { maxOutputLength: Math.max(size, 1) })
}
