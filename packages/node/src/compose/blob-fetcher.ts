import type { BatchPayload } from '@concordat/protocol'
import type { Logger } from '../lib/logger.ts'
import { type Stage, startStage } from '../lib/stage.ts'
import type { World } from '../lib/world.ts'
import type { SharedStorage } from '../storage/storage.ts'
import type { Database } from '../store/database.ts'
import type { ArrivedBlob } from './arrived-blob.ts'

export interface BlobFetcherDeps {
  readonly namespace: string
  readonly world: World
  readonly log: Logger
  readonly database: Database
  readonly storage: SharedStorage
  readonly onBlob: (blob: ArrivedBlob) => Promise<void>
}

export interface BlobFetcher extends Stage {
  /** Fetches the published blobs that a broadcast batch refers to. */
  want(batch: BatchPayload): void
  /** Asks for all that is missing again, now. */
  ask(): void
}

interface Wanted {
  readonly dataId: string
  readonly hash: string
  readonly ref: string
  attempts: number
  due: number
}

const MAX_DELAY_MS = 60_000

/** Streams published blobs from shared storage, until they are here; whatever is missing after a start is found again. */
export function createBlobFetcher(deps: BlobFetcherDeps): BlobFetcher {
  const { namespace, database, storage, world } = deps
  const wanted = new Map<string, Wanted>()
  let scanned = false

  async function scan(): Promise<void> {
    const rows = await database.read
      .selectFrom('data')
      .leftJoin('blobs', (join) =>
        join
          .onRef('blobs.dataId', '=', 'data.id')
          .onRef('blobs.hash', '=', 'data.blobHash')
          .onRef('blobs.namespace', '=', 'data.namespace'),
      )
      .select(['data.id', 'data.blobHash', 'data.blobPublic'])
      .where('data.namespace', '=', namespace)
      .where('data.blobHash', 'is not', null)
      .where('data.blobPublic', 'is not', null)
      .where('blobs.seq', 'is', null)
      .execute()
    for (const { id, blobHash, blobPublic } of rows)
      if (blobHash && blobPublic) add(id, blobHash, blobPublic)
    scanned = true
  }

  const add = (dataId: string, hash: string, ref: string): void => {
    wanted.set(dataId + hash, { dataId, hash, ref, attempts: 0, due: 0 })
  }

  async function fetchOne(key: string, blob: Wanted, signal: AbortSignal): Promise<void> {
    const fetched = await storage.fetchBlob(blob.ref, signal)
    if (fetched.state === 'found' && fetched.content.hash === blob.hash) {
      await deps.onBlob({ dataId: blob.dataId, ...fetched.content })
      wanted.delete(key)
      return
    }
    blob.attempts += 1
    blob.due = world.now() + Math.min(MAX_DELAY_MS, 500 * 2 ** Math.min(blob.attempts, 8))
  }

  const stage = startStage({
    name: `blobs ${namespace}`,
    idleMs: 1_000,
    world,
    onError: (error) => deps.log.warn({ err: error }, 'fetching a blob failed; it is tried again'),
    step: async (signal) => {
      if (!scanned) await scan()
      const due = [...wanted].filter(([, blob]) => blob.due <= world.now()).slice(0, 4)
      await Promise.all(due.map(([key, blob]) => fetchOne(key, blob, signal)))
      return [...wanted.values()].some((blob) => blob.due <= world.now())
    },
  })
  return {
    ...stage,
    ask() {
      for (const blob of wanted.values()) blob.due = 0
      stage.nudge()
    },
    want({ payload }) {
      for (const { id, blob } of payload.data) if (blob?.public) add(id, blob.hash, blob.public)
      stage.nudge()
    },
  }
}
