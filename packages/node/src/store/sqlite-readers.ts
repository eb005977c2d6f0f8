import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { NodeError } from '@concordat/protocol'
import type { QueryResult } from 'kysely'
import type { World } from '../lib/world.ts'
import { nameValues } from './names.ts'

export interface ReaderData {
  readonly file: string
}
export interface ReaderQuestion {
  readonly sql: string
  readonly parameters: readonly unknown[]
}
export type ReaderAnswer =
  | { readonly keys: readonly string[]; readonly rows: readonly (readonly unknown[])[] }
  | { readonly error: string }

export interface ReaderOptions {
  readonly file: string
  /** How many queries may run at once. */
  readonly readers: number
  /** From asking to answer, in milliseconds: the wait for a free thread counts. */
  readonly timeLimitMs: number
  readonly world: Pick<World, 'sleep'>
}

interface Job extends ReaderQuestion {
  readonly settle: (answer: ReaderAnswer | Error) => void
  done: boolean
  thread: Thread | undefined
}

interface Thread {
  readonly worker: Worker
  job: Job | undefined
}

const MAX_WAITING = 1000
/** Packages hold JavaScript, the repository TypeScript. */
const PROGRAM = `./sqlite-reader-worker${extname(import.meta.url)}`

const closed = (): NodeError => new NodeError('CC20304', { reason: 'it is closed' })

/** Threads that query one SQLite file, started when first needed. A query that takes too long costs its thread its life. */
export class SqliteReaders implements AsyncDisposable {
  readonly #options: ReaderOptions
  readonly #threads = new Set<Thread>()
  /** Threads told to stop: SQLite looks up only between rows, so one may take a while. They keep their place. */
  readonly #stopping = new Set<Promise<unknown>>()
  readonly #waiting: Job[] = []
  readonly #closed = new AbortController()

  constructor(options: ReaderOptions) {
    this.#options = options
  }

  async execute(sql: string, parameters: readonly unknown[]): Promise<QueryResult<unknown>> {
    if (this.#closed.signal.aborted) throw closed()
    if (this.#waiting.length >= MAX_WAITING) throw new NodeError('CC20501')
    const { promise, resolve } = Promise.withResolvers<ReaderAnswer | Error>()
    const job: Job = { sql, parameters, settle: resolve, done: false, thread: undefined }
    this.#waiting.push(job)
    this.#assign()
    const answer = await this.#withinLimit(job, promise)
    if (answer instanceof Error) throw answer
    if ('error' in answer) throw new Error(answer.error)
    return { rows: nameValues(answer.keys, answer.rows) }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort()
    for (const job of this.#waiting.splice(0)) job.settle(closed())
    for (const thread of this.#threads) this.#stop(thread, closed())
    // A thread deep in a query ends by itself; it can no longer do harm, so closing does not wait long for it.
    const patience = new AbortController()
    await Promise.race([
      Promise.all(this.#stopping),
      this.#options.world.sleep(1000, patience.signal).catch(() => {}),
    ])
    patience.abort()
  }

  async #withinLimit(
    job: Job,
    answered: Promise<ReaderAnswer | Error>,
  ): Promise<ReaderAnswer | Error> {
    const { timeLimitMs, world } = this.#options
    const timer = new AbortController()
    const ranOut = world.sleep(timeLimitMs, timer.signal).then(
      () => this.#expire(job),
      () => {},
    )
    const answer = await answered
    timer.abort()
    await ranOut
    return answer
  }

  #expire(job: Job): void {
    if (job.done) return
    const error = new NodeError('CC20304', {
      reason: `no answer in ${this.#options.timeLimitMs} ms`,
    })
    if (job.thread !== undefined) {
      this.#stop(job.thread, error)
      return
    }
    this.#waiting.splice(this.#waiting.indexOf(job), 1)
    job.settle(error)
  }

  #assign(): void {
    while (this.#waiting.length > 0) {
      const thread = this.#freeThread()
      if (thread === undefined) return
      const job = this.#waiting.shift()
      if (job === undefined) return
      thread.job = job
      job.thread = thread
      thread.worker.postMessage({
        sql: job.sql,
        parameters: job.parameters,
      } satisfies ReaderQuestion)
    }
  }

  #freeThread(): Thread | undefined {
    for (const thread of this.#threads) if (thread.job === undefined) return thread
    // A place more than asked for while an old query dies, so that one of them does not stop all reading.
    const stuck = Math.max(0, this.#stopping.size - 2)
    return this.#threads.size + stuck < this.#options.readers ? this.#start() : undefined
  }

  #start(): Thread {
    const data: ReaderData = { file: this.#options.file }
    const worker = new Worker(new URL(PROGRAM, import.meta.url), {
      // It holds one answer at a time.
      resourceLimits: { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 256 },
      workerData: data,
    })
    const thread: Thread = { worker, job: undefined }
    worker.on('message', (answer: ReaderAnswer) => {
      this.#finish(thread, answer)
      this.#assign()
    })
    worker.on('error', (error) =>
      this.#stop(thread, error instanceof Error ? error : new Error(String(error))),
    )
    // An idle reader does not keep the process alive; a caller that waits does so by its time limit.
    worker.unref()
    this.#threads.add(thread)
    return thread
  }

  #finish(thread: Thread, answer: ReaderAnswer | Error): void {
    const { job } = thread
    thread.job = undefined
    if (job === undefined) return
    job.done = true
    job.settle(answer)
  }

  #stop(thread: Thread, error: Error): void {
    if (!this.#threads.delete(thread)) return
    this.#finish(thread, error)
    const ended: Promise<unknown> = thread.worker.terminate().finally(() => {
      this.#stopping.delete(ended)
      if (!this.#closed.signal.aborted) this.#assign()
    })
    this.#stopping.add(ended)
    this.#assign()
  }
}
