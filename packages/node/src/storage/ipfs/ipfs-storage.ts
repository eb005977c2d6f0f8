import { Readable } from 'node:stream'
import { NodeError } from '@concordat/protocol'
import { Agent, type Dispatcher, request } from 'undici'
import type { Fetched, SharedStorage, StorageDeps } from '../storage.ts'
import type { IpfsConfig } from './index.ts'

/** A content identifier, version 0 or 1: one path segment and nothing else. */
const CID = /^[A-Za-z0-9]{16,128}$/
const MAX_ANSWER = 64 * 1024

type Held = { readonly payloadRef: string; readonly hash: string; readonly size: number }

export function createIpfsStorage(
  { api, gateway, requestTimeoutMs = 30_000, maxBlobBytes = 8_589_934_592 }: IpfsConfig,
  { world, blobs }: Pick<StorageDeps, 'world' | 'blobs'>,
): SharedStorage {
  const stop = new AbortController()
  const dispatcher = new Agent({
    connections: 8,
    headersTimeout: requestTimeoutMs,
    bodyTimeout: requestTimeoutMs,
    connectTimeout: 5_000,
  })

  const add = async (content: AsyncIterable<Uint8Array>, size: number): Promise<string> => {
    const boundary = `concordat-${Buffer.from(world.random(24)).toString('hex')}`
    const head = Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="document"; filename="file.bin"\r\nContent-Type: application/octet-stream\r\n\r\n`,
    )
    const tail = Buffer.from(`\r\n--${boundary}--\r\n`)
    try {
      const response = await request(`${trim(api.url)}/api/v0/add`, {
        method: 'POST',
        dispatcher,
        signal: stop.signal,
        headers: {
          ...authorization(api),
          'content-type': `multipart/form-data; boundary=${boundary}`,
          'content-length': String(head.length + size + tail.length),
        },
        body: Readable.from(framed(head, content, tail), { objectMode: false }),
      })
      return await readHash(response)
    } catch (error) {
      throw toNodeError(error)
    }
  }

  const get = async <T>(
    ref: string,
    signal: AbortSignal,
    read: (content: AsyncIterable<Uint8Array>) => Promise<T>,
  ): Promise<Fetched<T>> => {
    if (!CID.test(ref)) return { state: 'gone' }
    try {
      const ending = AbortSignal.any([signal, stop.signal])
      const headers = authorization(gateway)
      const response = await request(`${trim(gateway.url)}/ipfs/${ref}`, {
        dispatcher,
        headers,
        signal: ending,
      })
      if (response.statusCode === 200) return { state: 'found', content: await read(response.body) }
      await response.body.dump({ limit: MAX_ANSWER })
      if (response.statusCode === 404 || response.statusCode === 410) return { state: 'gone' }
      return { state: 'unreachable', reason: `status ${response.statusCode}` }
    } catch (error) {
      signal.throwIfAborted()
      return { state: 'unreachable', reason: reasonOf(error) }
    }
  }

  return {
    publish: (content) => add(Readable.from([content]), content.length),
    publishBlob: (payloadRef, _hash, size) => add(blobs.read(payloadRef), size),
    fetch: (ref, maxBytes, signal) =>
      get(ref, signal, (content) => collect(atMost(content, maxBytes))),
    fetchBlob: (ref, signal): Promise<Fetched<Held>> =>
      get(ref, signal, (content) => blobs.write(atMost(content, maxBlobBytes))),
    async [Symbol.asyncDispose]() {
      stop.abort()
      await dispatcher.destroy()
    },
  }
}

async function readHash({ statusCode, body }: Dispatcher.ResponseData): Promise<string> {
  const text = (await collect(atMost(body, MAX_ANSWER))).toString()
  if (statusCode !== 200) throw new Error(`status ${statusCode}`)
  const answer: unknown = JSON.parse(text)
  const hash = typeof answer === 'object' && answer && 'Hash' in answer ? answer.Hash : undefined
  if (typeof hash !== 'string' || !CID.test(hash)) throw new Error('its answer has no hash')
  return hash
}

async function* framed(
  head: Buffer,
  content: AsyncIterable<Uint8Array>,
  tail: Buffer,
): AsyncIterable<Uint8Array> {
  yield head
  yield* content
  yield tail
}

async function* atMost(
  content: AsyncIterable<Uint8Array>,
  limit: number,
): AsyncIterable<Uint8Array> {
  let left = limit
  for await (const chunk of content) {
    left -= chunk.length
    if (left < 0) throw new Error(`more than ${limit} bytes`)
    yield chunk
  }
}

async function collect(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of content) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function authorization({ auth }: IpfsConfig['api']): Record<string, string> {
  if (!auth) return {}
  const text = Buffer.from(`${auth.username}:${auth.password}`).toString('base64')
  return { authorization: `Basic ${text}` }
}

const trim = (url: string): string => url.replace(/\/+$/, '')

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'failed'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message
}

const toNodeError = (error: unknown): NodeError =>
  new NodeError('CC20603', { reason: reasonOf(error) }, { cause: error })
