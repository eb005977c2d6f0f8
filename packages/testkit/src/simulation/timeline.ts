import { createHash } from 'node:crypto'
import type { Chance } from './chance.ts'
import { TimerQueue } from './timer-queue.ts'

/** When a run starts: 2026-01-01 UTC. */
const START = Date.UTC(2026, 0, 1)

/** Of one run: far more than any story that ends. */
const MAX_STEPS = 400_000

/** Virtual time: it stands still while anything can go on without it, then jumps to the next timer. */
export interface Timeline {
  now(): number
  /** Calls `fire` after `ms`, unless the function it returns is called before. */
  after(ms: number, owner: string, fire: () => void): () => void
  /** Notes something that must be the same every time. */
  trace(line: string): void
  /** What happened so far: the same for the same seed. */
  digest(): string
  readonly lines: readonly string[]
  /** Lets time pass until `done` says so, or `limitMs` have passed. Resolves whether it was done. */
  run(done: () => boolean, limitMs: number): Promise<boolean>
}

export function createTimeline(chance: Chance, options: { readonly keepLines: boolean }): Timeline {
  const hash = createHash('sha256')
  const timers = new TimerQueue()
  const lines: string[] = []
  let now = START

  const trace = (line: string): void => {
    const full = `${now - START} ${line}`
    hash.update(full)
    if (options.keepLines) lines.push(full)
  }

  return {
    now: () => now,
    after(ms, owner, fire) {
      const timer = { due: now + ms, order: chance.next(), owner, fire, cancelled: false }
      timers.add(timer)
      return () => {
        timer.cancelled = true
      }
    },
    trace,
    digest: () => hash.copy().digest('hex'),
    lines,
    async run(done, limitMs) {
      const end = now + limitMs
      for (let steps = 0; steps < MAX_STEPS; steps++) {
        await settle()
        if (done()) return true
        const first = timers.peek()
        const timer = first && first.due <= end ? timers.take() : undefined
        if (!timer) return false
        now = Math.max(now, timer.due)
        trace(`${timer.owner} ${timer.order}`)
        timer.fire()
      }
      return false
    },
  }
}

/** Resolves when no promise can go on by itself: all microtasks run before the next immediate. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
