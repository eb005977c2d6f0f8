import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { freePort } from '../src/index.ts'
import { type LoadOptions, type LoadResult, runLoad } from './load.ts'

// npm run bench [-- --quick]: what two nodes on this machine do. Each is a process of its own, and so is what drives them.

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } })
const scale = values.quick ? 0.1 : 1

interface DevNetwork extends AsyncDisposable {
  readonly urls: readonly string[]
  readonly coldStartMs: number
  memoryMb(): Promise<number[]>
}

/** The first of two neighbouring ports on which nobody listens. */
async function twoFreePorts(): Promise<number> {
  for (;;) {
    const port = await freePort()
    const next = createServer().listen(port + 1, '127.0.0.1')
    const isFree = await Promise.race([
      once(next, 'listening').then(() => true),
      once(next, 'error').then(() => false),
    ])
    if (!isFree) continue
    next.close()
    await once(next, 'close')
    return port
  }
}

/** Two parties by the command a user would run. */
async function startDev(blockTime: number): Promise<DevNetwork> {
  const folder = await mkdtemp(join(tmpdir(), 'concordat-bench-'))
  const port = await twoFreePorts()
  const since = performance.now()
  const args = [
    'dev',
    '--parties',
    'a,b',
    '--port',
    String(port),
    '--data',
    folder,
    ...(blockTime > 0 ? ['--block-time', String(blockTime)] : []),
  ]
  const program = join(import.meta.dirname, '../../cli/src/main.ts')
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await readyLine(child)
  const coldStartMs = Math.round(performance.now() - since)
  return {
    urls: [port, port + 1].map((each) => `http://127.0.0.1:${each}`),
    coldStartMs,
    memoryMb: () => memoryOf('start', folder),
    async [Symbol.asyncDispose]() {
      child.kill('SIGINT')
      await once(child, 'exit')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function readyLine(child: ChildProcess): Promise<void> {
  let text = ''
  for await (const chunk of child.stdout ?? []) {
    text += String(chunk)
    if (/^Ready/m.test(text)) break
  }
  if (!/^Ready/m.test(text)) throw new Error(`the network did not start:\n${text}`)
  child.stdout?.resume()
}

/** Resident megabytes of the nodes whose files are in a folder (Linux only; empty elsewhere). */
async function memoryOf(command: string, folder: string): Promise<number[]> {
  const found: number[] = []
  for (const pid of await readdir('/proc').catch(() => [])) {
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    if (!line.includes(`\0${command}\0`) || !line.includes(folder)) continue
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
    found.push(Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024))
  }
  return found
}

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
