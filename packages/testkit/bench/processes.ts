import { fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Pool } from 'undici'
import { type DevNetwork, percentiles, startDev } from './dev-network.ts'

// npm run bench:processes [-- --quick]: steps that two nodes on this machine decide, submitted at both, from a process of its own.

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } })
const instances = values.quick ? 200 : 4_000
const steps = values.quick ? 1_000 : 30_000
const inFlight = values.quick ? 200 : 4_000

const definition = {
  flow: 'flow/1',
  name: 'count',
  version: '1.0.0',
  govern: { consent: 'standing' },
  roles: { left: { one: true }, right: { one: true } },
  state: { count: { schema: { type: 'integer' }, default: 0 } },
  stages: { main: { initial: 'open', values: ['open', 'done'], final: ['done'] } },
  steps: {
    add: {
      by: ['left', 'right'],
      in: { main: 'open' },
      input: { type: 'object', required: ['by'], properties: { by: { type: 'integer' } } },
      when: [{ code: 'TOO_LITTLE', rule: 'input.by > 0' }],
      do: [{ set: 'count', to: 'state.count + input.by' }],
    },
    finish: { by: ['left', 'right'], in: { main: 'open' }, to: { main: 'done' } },
  },
  deadlines: { end: { track: 'main', stage: 'open', after: 'P30D', to: { main: 'done' } } },
}

const print = (line: string): void => void process.stdout.write(`${line}\n`)

/** What the API answers, as far as it is looked at here. */
interface Answer {
  readonly hash?: string
  readonly n?: number
  readonly total?: number
}

class Api {
  readonly #pool: Pool
  constructor(url: string) {
    this.#pool = new Pool(url, { connections: 2_000, pipelining: 1, headersTimeout: 120_000 })
  }
  async call(
    method: 'GET' | 'POST',
    path: string,
    body?: object,
  ): Promise<{ status: number; json: Answer }> {
    const answer = await this.#pool.request({
      method,
      path: `/api/v1/${path}`,
      ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    })
    return { status: answer.statusCode, json: (await answer.body.json()) as Answer }
  }
  async must(method: 'GET' | 'POST', path: string, body?: object): Promise<Answer> {
    const { status, json } = await this.call(method, path, body)
    if (status >= 300) throw new Error(`${path}: ${status} ${JSON.stringify(json)}`)
    return json
  }
  close = (): Promise<void> => this.#pool.close()
}

async function prepare(apis: readonly Api[], count: number): Promise<string[]> {
  const [first] = apis
  if (!first) throw new Error('no node')
  const { hash } = await first.must('POST', 'flows?confirm=true', definition)
  for (const api of apis) {
    while ((await api.call('GET', `flows/${hash}`)).status !== 200) await setTimeout(50)
    await api.must('POST', `flows/${hash}/adopt?confirm=true`, {})
  }
  const ids = Array.from({ length: count }, () => randomUUID())
  await inParallel(100, ids, (id) =>
    first.must('POST', 'processes', { id, flow: hash, parties: { left: 'a', right: 'b' } }),
  )
  for (const api of apis) {
    const running = async (): Promise<number> => {
      const path = `processes?flow=${hash}&status=running&limit=1&count`
      return (await api.must('GET', path)).total ?? 0
    }
    while ((await running()) < count) await setTimeout(200)
  }
  return ids
}

async function inParallel<T>(
  width: number,
  items: readonly T[],
  work: (item: T, i: number) => Promise<unknown>,
): Promise<void> {
  let next = 0
  const worker = async (): Promise<void> => {
    for (let i = next++; i < items.length; i = next++) await work(items[i] as T, i)
  }
  await Promise.all(Array.from({ length: width }, worker))
}

/** Steps one after another on each instance, submitted at both nodes in turn; resolves the milliseconds that each took. */
async function run(
  apis: readonly Api[],
  ids: readonly string[],
  count: number,
  width: number,
): Promise<number[]> {
  const took: number[] = []
  const items = Array.from({ length: count }, (_, i) => ids[i % ids.length] ?? '')
  await inParallel(width, items, async (id, i) => {
    const api = apis[i % apis.length]
    const began = performance.now()
    await api?.must('POST', `processes/${id}/steps/add?confirm=true`, { input: { by: 1 } })
    took.push(performance.now() - began)
  })
  return took
}

/** Both nodes come to the same decisions, and to all of them soon. */
async function assertAlike(apis: readonly Api[], ids: readonly string[]): Promise<void> {
  const end = performance.now() + 60_000
  for (const id of ids) {
    for (;;) {
      const [one, other] = await Promise.all(apis.map((api) => api.must('GET', `processes/${id}`)))
      if (one?.hash === other?.hash) break
      if (one?.n === other?.n || performance.now() > end) {
        throw new Error(`${id} differs: ${one?.n} ${one?.hash}, ${other?.n} ${other?.hash}`)
      }
      await setTimeout(100)
    }
  }
}

function report(title: string, took: readonly number[], ms: number): void {
  const { p50, p95, p99, max } = percentiles(took)
  const rate = Math.round((took.length / ms) * 1000)
  print(
    `${title.padEnd(48)} ${String(rate).padStart(6)}/s   p50 ${p50} ms  p95 ${p95}  p99 ${p99}  max ${max}`,
  )
}

const questions = [
  'decisions?verdict=accepted&step=add&limit=25',
  'processes?state.count=>3&stage.main=open&limit=25',
]

async function measureLoad(network: DevNetwork): Promise<void> {
  const apis = network.urls.map((url) => new Api(url))
  const ids = await prepare(apis, instances)
  const asking = fork(join(import.meta.dirname, 'queries.ts'), [
    network.urls[1] ?? '',
    ...questions,
  ])
  const began = performance.now()
  const took = await run(apis, ids, steps, inFlight)
  const ms = performance.now() - began
  const answered = once(asking, 'message')
  asking.send('stop')
  const [queries] = await answered
  report(`steps over ${instances} instances, 1 s blocks`, took, ms)
  report('  queries meanwhile', queries, ms)
  await assertAlike(apis, ids.slice(0, 200))
  print(`  resident ${(await network.memoryMb()).join(' MB, ')} MB`)
  for (const api of apis) await api.close()
}

async function main(): Promise<void> {
  {
    await using network = await startDev(1)
    await measureLoad(network)
  }
  await using network = await startDev(0)
  const apis = network.urls.map((url) => new Api(url))
  const ids = await prepare(apis.slice(0, 2), 10)
  const began = performance.now()
  const took = await run(apis.slice(0, 1), ids, values.quick ? 30 : 300, 1)
  report('one step at a time, a block for each', took, performance.now() - began)
  for (const api of apis) await api.close()
}

await main()
