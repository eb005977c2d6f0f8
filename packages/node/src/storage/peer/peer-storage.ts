import { createHash } from 'node:crypto'
import type { Transaction } from '../../store/database.ts'
import type { Fetched, SharedStorage, StorageDeps } from '../storage.ts'
import { createAsker } from './ask.ts'

/** A reference is the SHA-256 of the content, and never an address. */
const REF = /^[0-9a-f]{64}$/
const PARALLEL = 3

type Held = { readonly payloadRef: string; readonly hash: string; readonly size: number }

export function createPeerStorage(deps: StorageDeps): SharedStorage {
  const { payloads, exchange, push, findBlob } = deps
  const stop = new AbortController()
  const ask = createAsker(deps)
  const running = new Set<Promise<unknown>>()

  const track = async <T>(work: Promise<T>): Promise<T> => {
    running.add(work)
    return await work.finally(() => running.delete(work))
  }
  const until = (signal: AbortSignal): AbortSignal => AbortSignal.any([signal, stop.signal])

  const fetchPayload = async (
    ref: string,
    maxBytes: number,
    signal: AbortSignal,
  ): Promise<Fetched<Uint8Array>> => {
    const own = await payloads.get(ref)
    if (own) return { state: 'found', content: own }
    const fetched = await ask(
      (from, ending) => exchange.fetchPayload(from, ref, maxBytes, ending),
      PARALLEL,
      signal,
    )
    if (fetched.state === 'found') await payloads.put(ref, fetched.content)
    return fetched
  }
  const fetchBlob = async (ref: string, signal: AbortSignal): Promise<Fetched<Held>> => {
    const own = await findBlob(ref)
    if (own) return { state: 'found', content: { ...own, hash: ref } }
    return await ask((from, ending) => exchange.fetchBlob(from, ref, ending), 1, signal)
  }

  const publishIn = async (tx: Transaction, content: Uint8Array): Promise<string> => {
    const ref = createHash('sha256').update(content).digest('hex')
    await payloads.putIn(tx, ref, content)
    await push(tx, ref)
    return ref
  }

  return {
    publish: (content) => deps.transaction((tx) => publishIn(tx, content)),
    publishIn,
    // The bytes are here already, and the others come for them.
    publishBlob: async (_payloadRef, hash) => hash,
    async fetch(ref, maxBytes, signal) {
      if (!REF.test(ref)) return { state: 'gone' }
      return await track(fetchPayload(ref, maxBytes, until(signal)))
    },
    async fetchBlob(ref, signal) {
      if (!REF.test(ref)) return { state: 'gone' }
      return await track(fetchBlob(ref, until(signal)))
    },
    async [Symbol.asyncDispose]() {
      stop.abort()
      await Promise.allSettled(running)
    },
  }
}
