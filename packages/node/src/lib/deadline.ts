import type { World } from './world.ts'

/** Aborts after `ms` by the world's clock, or when told to: tell it when there is nothing to end any more. */
export function startDeadline(world: Pick<World, 'sleep'>, ms: number): AbortController {
  const deadline = new AbortController()
  world.sleep(ms, deadline.signal).then(
    () => deadline.abort(),
    () => {},
  )
  return deadline
}
