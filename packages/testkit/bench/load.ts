import { Pool } from 'undici'
import { WebSocket } from 'ws'

export interface LoadOptions {
  /** Base URLs; messages go to the first, and count when all have delivered them. */
  readonly nodes: readonly string[]
  readonly kind: 'broadcast' | 'private'
  readonly count: number
  /** Messages under way at once. */
  readonly inFlight: number
  /** Bytes of each value, about. */
  readonly size: number
  readonly topics: number
  /** A random pause before each message, up to so many milliseconds, so that senders don't fall in step with blocks. */
  readonly thinkMs: number
}

export interface LoadResult {
  readonly confirmed: number
  readonly rejected: number
  readonly failed: number
  readonly lost: number
  readonly confirmedPerSecond: number
  /** Submit to the last node's event, milliseconds. */
  readonly latencyMs: {
    readonly p50: number
    readonly p95: number
    readonly p99: number
    readonly max: number
  }
}

interface Waiting {
  readonly at: number
  left: number
  readonly done: () => void
}

/** Sends messages in a closed loop, each sender waiting for its message's event at every node before the next. */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const tag = `bench-${process.hrtime.bigint().toString(36)}`
  const tally = new Tally(options.nodes.length)
  const sockets = await Promise.all(options.nodes.map((node) => listen(node, tag, tally)))
  const [first = ''] = options.nodes
  const pool = new Pool(first, { connections: Math.min(256, options.inFlight), pipelining: 1 })
  const members = options.kind === 'private' ? await membersOf(pool) : undefined
  const filler = 'x'.repeat(Math.max(0, options.size - 40))
  const body = (i: number): string =>
    JSON.stringify({
      header: { tag, topics: [`${tag}-${i % options.topics}`] },
      data: [{ value: { i, filler } }],
      ...(members && { group: { members } }),
    })
  const start = performance.now()
  let next = 0
  const sender = async (): Promise<void> => {
    while (next < options.count) {
      const i = next++
      if (options.thinkMs > 0)
        await new Promise((resolve) => setTimeout(resolve, Math.random() * options.thinkMs))
      await send(pool, options.kind, body(i), tally)
    }
  }
  const timeout = new Promise<void>((resolve) => setTimeout(resolve, 300_000).unref())
  await Promise.race([
    Promise.all(Array.from({ length: Math.min(options.inFlight, options.count) }, sender)),
    timeout,
  ])
  for (const socket of sockets) socket.terminate()
  await pool.destroy()
  return tally.result(start)
}

async function send(pool: Pool, kind: string, body: string, tally: Tally): Promise<void> {
  const at = performance.now()
  const response = await pool
    .request({
      method: 'POST',
      path: `/api/v1/namespaces/default/messages/${kind}`,
      headers: { 'content-type': 'application/json' },
      body,
    })
    .catch(() => undefined)
  const reply = (await response?.body.json().catch(() => undefined)) as
    | { header?: { id: string } }
    | undefined
  const id = reply?.header?.id
  if (response?.statusCode !== 202 || id === undefined) {
    tally.failed += 1
    return
  }
  await tally.wait(id, at)
}

async function membersOf(pool: Pool): Promise<{ identity: string }[]> {
  const { body } = await pool.request({
    method: 'GET',
    path: '/api/v1/namespaces/default/network/organizations',
  })
  return ((await body.json()) as { did: string }[]).map(({ did }) => ({ identity: did }))
}

async function listen(node: string, tag: string, tally: Tally): Promise<WebSocket> {
  const query = `namespace=default&ephemeral&autoack&filter.events=message_(confirmed|rejected)&filter.message.tag=${tag}&readahead=100`
  const socket = new WebSocket(`${node.replace(/^http/, 'ws')}/ws?${query}`)
  socket.on('message', (data) => {
    const event = JSON.parse(String(data)) as { type: string; reference?: string }
    if (event.reference) tally.seen(event.reference, event.type)
  })
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  return socket
}

class Tally {
  failed = 0
  #rejected = 0
  #accepted = 0
  #last = 0
  readonly #nodes: number
  readonly #waiting = new Map<string, Waiting>()
  /** Events that came before the reply. */
  readonly #early = new Map<string, number>()
  readonly #latencies: number[] = []

  constructor(nodes: number) {
    this.#nodes = nodes
  }

  wait(id: string, at: number): Promise<void> {
    this.#accepted += 1
    return new Promise((done) => {
      const early = this.#early.get(id) ?? 0
      this.#early.delete(id)
      this.#waiting.set(id, { at, left: this.#nodes, done })
      for (let i = 0; i < early; i++) this.#count(id)
    })
  }

  seen(id: string, type: string): void {
    if (type === 'message_rejected') this.#rejected += 1
    if (this.#waiting.has(id)) this.#count(id)
    else this.#early.set(id, (this.#early.get(id) ?? 0) + 1)
  }

  result(start: number): LoadResult {
    const sorted = this.#latencies.toSorted((a, b) => a - b)
    const at = (q: number): number =>
      Math.round(sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN)
    return {
      confirmed: sorted.length,
      rejected: this.#rejected,
      failed: this.failed,
      lost: this.#accepted - sorted.length,
      confirmedPerSecond: Math.round((sorted.length / (this.#last - start)) * 1000),
      latencyMs: { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) },
    }
  }

  #count(id: string): void {
    const entry = this.#waiting.get(id)
    if (!entry || --entry.left > 0) return
    this.#waiting.delete(id)
    this.#last = performance.now()
    this.#latencies.push(this.#last - entry.at)
    entry.done()
  }
}
