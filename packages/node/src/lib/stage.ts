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
  let nudged = false
  let wake: (() => void) | undefined

  const rest = async (ms: number, wakeable: boolean): Promise<void> => {
    if (wakeable && nudged) return
    const waking = new AbortController()
    const onStop = (): void => waking.abort()
    stop.signal.addEventListener('abort', onStop, { once: true })
    if (wakeable) wake = () => waking.abort()
    try {
      if (!stop.signal.aborted) await world.sleep(ms, waking.signal)
    } catch {
      // Woken or stopped.
    } finally {
      wake = undefined
      stop.signal.removeEventListener('abort', onStop)
    }
  }

  async function loop(): Promise<void> {
    let pause = 0
    while (!stop.signal.aborted) {
      nudged = false
      try {
        const more = await step(stop.signal)
        pause = 0
        if (!more) await rest(idleMs, true)
      } catch (error) {
        if (stop.signal.aborted) return
        onError(error)
        pause = Math.min(pause === 0 ? 100 : pause * 2, 30_000)
        await rest(pause, false)
      }
    }
  }

  const done = loop()
  return {
    name,
    nudge() {
      nudged = true
      wake?.()
    },
    async [Symbol.asyncDispose]() {
      stop.abort()
      await done
    },
  }
}
