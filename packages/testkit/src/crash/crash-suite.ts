import { type TestContext, test } from 'node:test'
import type { NetworkOptions } from '../network.ts'
import { type Crash, startCrashNetwork } from './crash-network.ts'
import { type Place, points } from './points.ts'

export interface CrashSuite extends Pick<NetworkOptions, 'databaseUrl'> {
  /** Where the node is killed. */
  readonly places: readonly Place[]
  /** Where, when many passes are asked for; else the same. */
  readonly allPlaces?: readonly Place[]
}

/**
 * Kills a node before and after every place, and checks that nothing accepted is lost, nothing doubled, and that all agree.
 * A pass takes each point once, at another passage each time; every second one kills the node again as it recovers.
 * CONCORDAT_CRASH_PASSES is how many.
 */
export function crashSuite(title: string, suite: CrashSuite): void {
  // biome-ignore lint/style/noProcessEnv: tests have no configuration file.
  const passes = Number(process.env.CONCORDAT_CRASH_PASSES ?? 1)
  const { places, allPlaces = places } = suite
  const killed = passes === 1 ? places : allPlaces
  test(title, { timeout: passes * 280_000 }, async (t) => {
    await using network = await startCrashNetwork(suite)
    const step = createSteps(t)
    for (let pass = 0; pass < passes; pass++) {
      for (const crash of crashesOf(pass, killed))
        await step(nameOf(crash), () => network.crash(crash))
      await step('nothing is lost or doubled, and all agree', () => network.check())
    }
  })
}

const crashesOf = (pass: number, places: readonly Place[]): Crash[] =>
  points
    .filter((point) => places.some((place) => point.startsWith(`${place}:`)))
    .map((point, i) => ({ point, count: 1 + ((pass * 7 + i * 5) % 8), twice: pass % 2 === 1 }))

const nameOf = ({ point, count, twice }: Crash): string =>
  `killed at ${point}, passage ${count}${twice ? ', and again' : ''}`

/** Each step as a test of its own; none is begun after one failed, or when time is up. */
function createSteps(t: TestContext) {
  let over = false
  return async (name: string, work: () => Promise<void>): Promise<void> => {
    if (over || t.signal.aborted) return
    await t.test(name, () =>
      work().catch((error: unknown) => {
        over = true
        throw error
      }),
    )
  }
}
