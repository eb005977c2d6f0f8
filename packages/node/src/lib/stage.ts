import type { World } from './world.ts'

/** One step of work: claims rows, does one unit, marks it done. Resolves true if there may be more. */
export type Step = (signal: AbortSignal) => Promise<boolean>

export interface Stage extends AsyncDisposable {
  readonly name: string
  /** Says "there may be work now"; safe to call from anywhere, as often as you like. */
  nudge(): void
}

export interface StageOptions {
  readonly name: string
  readonly step: Step
  /** How long to rest, in milliseconds, when there is no work and no nudge. */
  readonly idleMs: number
  readonly world: Pick<World, 'sleep'>
  readonly onError: (error: unknown) => void
}

/**
 * Runs `step` until disposed: at once while there is work, on a nudge, and every `idleMs` besides. A step that throws
 * is reported and tried again after a pause that doubles from 100 ms to 30 s; a nudge does not shorten that pause.
 */
export function startStage({ name, step, idleMs, world, onError }: StageOptions): Stage {
  const stop = new AbortController()
  const rest = createRest(world, stop.signal)

  /** Milliseconds to pause before the next step, after one that failed; 0 after one that did not. */
  async function run(pause: number): Promise<number> {
    try {
      rest.expectNudge()
      if (!(await step(stop.signal))) await rest.untilNudged(idleMs)
      return 0
    } catch (error) {
      if (stop.signal.aborted) return 0
      onError(error)
      const next = Math.min(pause === 0 ? 100 : pause * 2, 30_000)
      await rest.for(next)
      return next
    }
  }

  async function loop(): Promise<void> {
    let pause = 0
    while (!stop.signal.aborted) pause = await run(pause)
  }

  const done = loop()
  return {
    name,
    nudge: rest.nudge,
    async [Symbol.asyncDispose]() {
      stop.abort(WOKEN)
      await done
    },
  }
}

/** One for all: making an error for each wake-up would cost more than the rest. */
const WOKEN = new Error('woken')

/** Waiting that a nudge ends, and stopping does. */
function createRest(world: StageOptions['world'], stopped: AbortSignal) {
  let nudged = false
  let waking: AbortController | undefined
  const wake = (): void => waking?.abort(WOKEN)

  async function sleep(ms: number): Promise<void> {
    waking = new AbortController()
    stopped.addEventListener('abort', wake, { once: true })
    try {
      if (!stopped.aborted) await world.sleep(ms, waking.signal)
    } catch {
      // Woken or stopped.
    } finally {
      waking = undefined
      stopped.removeEventListener('abort', wake)
    }
  }

  let wakeable = false
  return {
    /** Nudges count from here on. */
    expectNudge(): void {
      nudged = false
    },
    nudge(): void {
      nudged = true
      if (wakeable) wake()
    },
    async untilNudged(ms: number): Promise<void> {
      if (nudged) return
      wakeable = true
      await sleep(ms)
      wakeable = false
    },
    for: sleep,
  }
}
