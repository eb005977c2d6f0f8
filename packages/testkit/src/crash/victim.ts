import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Point } from './points.ts'

/** Longer than any node takes to come to the point that it dies at. */
const PATIENCE_MS = 60_000

const program = fileURLToPath(new URL('./node-process.ts', import.meta.url))

/** A party's node as a process of its own, to be killed and started again. */
export class Victim implements AsyncDisposable {
  readonly #config: string
  #child: ChildProcess | undefined

  /** `config`: the path of its configuration. */
  constructor(config: string) {
    this.#config = config
  }

  /** Resolves when it serves requests. */
  async start(crash?: { readonly point: Point; readonly count: number }): Promise<void> {
    const args = crash ? ['--crash', `${crash.point}:${crash.count}`] : []
    const child = fork(program, [this.#config, ...args], { execArgv: [] })
    this.#child = child
    const ended = once(child, 'exit').then(([code, signal]) => {
      throw new Error(`the node ended before it was ready: ${code ?? signal}`)
    })
    await Promise.race([once(child, 'message'), ended])
    ended.catch(() => {})
  }

  /** Has it die at the `count`th passage of a point from now on; resolves when it knows. */
  async arm(point: Point, count: number): Promise<void> {
    const child = this.#running()
    child.send({ point, count })
    await once(child, 'message')
  }

  /** Resolves when it was killed; rejects when it ended otherwise, or lives on. */
  async killed(): Promise<void> {
    const child = this.#running()
    if (child.exitCode === null && child.signalCode === null)
      await once(child, 'exit', { signal: AbortSignal.timeout(PATIENCE_MS) })
    if (child.signalCode !== 'SIGKILL')
      throw new Error(`the node ended by itself: ${child.exitCode ?? child.signalCode}`)
  }

  /** Stops it in order. */
  async [Symbol.asyncDispose](): Promise<void> {
    const child = this.#child
    if (child?.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.disconnect()
    await ended
  }

  #running(): ChildProcess {
    if (!this.#child) throw new Error('the node was not started')
    return this.#child
  }
}
