import { parseArgs } from 'node:util'
import { type DevNetwork, startDev } from './dev-network.ts'
import { type LoadOptions, type LoadResult, runLoad } from './load.ts'

// npm run bench [-- --quick]: what two nodes on this machine do. Each is a process of its own, and so is what drives them.

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } })
const scale = values.quick ? 0.1 : 1

const common: LoadOptions = {
  nodes: [],
  kind: 'broadcast',
  count: 30_000,
  inFlight: 5_000,
  size: 256,
  topics: 10,
  thinkMs: 0,
}

async function measure(
  title: string,
  network: DevNetwork,
  options: Partial<LoadOptions>,
): Promise<LoadResult> {
  const count = Math.max(20, Math.round((options.count ?? common.count) * scale))
  const result = await runLoad({ ...common, ...options, count, nodes: network.urls })
  const { p50, p95, p99, max } = result.latencyMs
  const trouble =
    result.lost + result.failed + result.rejected > 0
      ? `  lost ${result.lost}, failed ${result.failed}, rejected ${result.rejected}`
      : ''
  print(
    `${title.padEnd(44)} ${String(result.confirmedPerSecond).padStart(6)}/s   p50 ${p50} ms  p95 ${p95}  p99 ${p99}  max ${max}${trouble}`,
  )
  if (trouble) process.exitCode = 1
  return result
}

const print = (line: string): void => void process.stdout.write(`${line}\n`)

async function main(): Promise<void> {
  {
    await using network = await startDev(1)
    print(`cold start of two parties                    ${network.coldStartMs} ms`)
    await measure('broadcast, 5,000 in flight, 1 s blocks', network, {})
    await measure('private, 5,000 in flight, 1 s blocks', network, { kind: 'private' })
    await measure('one at a time, 1 s blocks', network, { count: 100, inFlight: 1, thinkMs: 1000 })
    await measure('broadcast again (up to 100,000 messages)', network, { count: 40_000 })
    print(
      `resident after that                          ${(await network.memoryMb()).join(' MB, ')} MB`,
    )
  }
  await using network = await startDev(0)
  await measure('one at a time, a block for each transaction', network, { count: 300, inFlight: 1 })
  await measure('private, one at a time, a block for each', network, {
    count: 300,
    inFlight: 1,
    kind: 'private',
  })
}

await main()
