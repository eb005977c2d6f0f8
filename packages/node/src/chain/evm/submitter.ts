import { startStage } from '../../lib/stage.ts'
import type { Submission } from '../chain.ts'
import type { Head } from './heads.ts'
import { Lane, type LaneDeps } from './lane.ts'
import { explain } from './rpc.ts'
import { type WatcherDeps, watchOnce } from './watcher.ts'

export interface Submitter extends AsyncDisposable {
  submit(submission: Submission): Promise<void>
}

export type SubmitterDeps = Omit<LaneDeps, 'onSent'> & Omit<WatcherDeps, 'lanes'>

/** How often open transactions are looked at without a new block. */
const idleMs = 1_000

/** Puts submissions on the chain, key by key in order, and tells how each ended. */
export async function startSubmitter(deps: SubmitterDeps): Promise<Submitter> {
  const { world, heads, log, journal } = deps
  const stop = new AbortController()
  const lanes = new Map<string, Lane>()
  const laneOf = (key: string): Lane => {
    const lane = lanes.get(key) ?? new Lane(key, { ...deps, onSent: () => heads.nudge() })
    lanes.set(key, lane)
    return lane
  }
  for (const entry of await journal.open()) laneOf(entry.key).adopt([entry])

  const stage = startStage({
    name: 'transactions',
    idleMs,
    world,
    onError: (error) => log.warn({ reason: explain(error) }, 'transactions can not be watched'),
    step: async () => {
      const busy = [...lanes.values()].some((lane) => lane.open.size > 0)
      if (busy) await watchOnce({ ...deps, lanes }, await heads.latest(stop.signal))
      return false
    },
  })
  const follow = async (): Promise<void> => {
    let seen: Head | undefined
    while (!stop.signal.aborted) {
      seen = await heads.next(seen, stop.signal)
      stage.nudge()
    }
  }
  const following = follow().catch(() => {})

  return {
    submit: (submission) => laneOf(submission.key).submit(submission),
    async [Symbol.asyncDispose]() {
      stop.abort()
      await following
      await stage[Symbol.asyncDispose]()
    },
  }
}
