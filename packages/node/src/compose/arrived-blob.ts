import { formatTime, padTime } from '@concordat/protocol'
import type { World } from '../lib/world.ts'
import type { Database } from '../store/database.ts'
import type { BlobRow } from '../store/schema.ts'

/** A blob whose bytes are here, and the data it belongs to. */
export type ArrivedBlob = Pick<BlobRow, 'dataId' | 'hash' | 'size' | 'payloadRef'>

/** Writes where a blob is, once; `onWritten` is called after the commit. */
export async function writeBlob(
  deps: { readonly namespace: string; readonly database: Database; readonly world: World },
  { dataId, hash, size, payloadRef }: ArrivedBlob,
  onWritten: () => void,
): Promise<void> {
  const { namespace, database, world } = deps
  await database.transaction(async (tx) => {
    const here = await tx.db
      .selectFrom('blobs')
      .select('seq')
      .where('namespace', '=', namespace)
      .where('dataId', '=', dataId)
      .where('hash', '=', hash)
      .executeTakeFirst()
    if (here) return
    const created = padTime(formatTime(world.now()))
    await tx.insertMany('blobs', [
      { seq: tx.sequence('blobs', 1), namespace, hash, size, payloadRef, created, dataId },
    ])
    tx.onCommit(onWritten)
  })
}
