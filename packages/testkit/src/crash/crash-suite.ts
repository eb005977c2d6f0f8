import { test } from 'node:test'
import type { NetworkOptions } from '../network.ts'
import { startCrashNetwork } from './crash-network.ts'
import { points } from './points.ts'

/**
 * Kills a node at every point, and checks that nothing accepted is lost, nothing doubled, and that all agree. A pass takes
 * each point once, at another passage each time; every second one kills the node again as it recovers.
 * CONCORDAT_CRASH_PASSES is how many.
 */
export function crashSuite(title: string, options: Omit<NetworkOptions, 'parties'>): void {
  // biome-ignore lint/style/noProcessEnv: tests have no configuration file.
  const passes = Number(process.env.CONCORDAT_CRASH_PASSES ?? 1)
  test(title, { timeout: passes * 240_000 }, async (t) => {
    await using network = await startCrashNetwork(options)
    let failed = false
    const step = (name: string, work: () => Promise<void>): Promise<void> =>
      t.test(name, { skip: failed && 'an earlier step failed' }, () =>
        work().catch((error: unknown) => {
          failed = true
          throw error
        }),
      )
    for (let pass = 0; pass < passes; pass++) {
      for (const [i, point] of points.entries()) {
        const count = 1 + ((pass * 7 + i * 5) % 8)
        const twice = pass % 2 === 1
        await step(`${point} ${count}${twice ? ', twice' : ''}`, () =>
          network.crash({ point, count, twice }),
        )
      }
      await step('nothing is lost or doubled, and all agree', () => network.check())
    }
  })
}
