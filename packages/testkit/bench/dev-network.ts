import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../src/index.ts'

/** Two parties `a` and `b`, each a process of its own, as the command that a user runs starts them. */
export interface DevNetwork extends AsyncDisposable {
  readonly urls: readonly string[]
  readonly folder: string
  readonly coldStartMs: number
  /** Resident, of each node (Linux only; empty elsewhere). */
  memoryMb(): Promise<number[]>
}

/** `folder` is kept; without one, what the network wrote goes with it. */
export async function startDev(blockTime: number, folder?: string): Promise<DevNetwork> {
  const data = folder ?? (await mkdtemp(join(tmpdir(), 'concordat-bench-')))
  const port = await twoFreePorts()
  const since = performance.now()
  const args = [
    'dev',
    '--parties',
    'a,b',
    '--port',
    String(port),
    '--data',
    data,
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
    folder: data,
    coldStartMs,
    memoryMb: () => memoryOf('start', data),
    async [Symbol.asyncDispose]() {
      child.kill('SIGINT')
      await once(child, 'exit')
      if (folder === undefined) await rm(data, { recursive: true, force: true })
    },
  }
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

async function readyLine(child: ChildProcess): Promise<void> {
  let text = ''
  for await (const chunk of child.stdout ?? []) {
    text += String(chunk)
    if (/^Ready/m.test(text)) break
  }
  if (!/^Ready/m.test(text)) throw new Error(`the network did not start:\n${text}`)
  child.stdout?.resume()
}

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

/** Values that half, 95 and 99 of a hundred, and all, do not exceed; rounded. */
export function percentiles(values: readonly number[]): {
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly max: number
} {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number): number =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0)
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) }
}
