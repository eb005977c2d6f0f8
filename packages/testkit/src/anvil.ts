import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'

export interface AnvilOptions {
  /** A free one is chosen if absent. */
  readonly port?: number
  /** Seconds between blocks; a block at once for each transaction if absent. */
  readonly blockTimeSeconds?: number
  /** Where the chain is kept between starts, written every few seconds and on a clean stop. */
  readonly stateFile?: string
  readonly stateIntervalSeconds?: number
  /** Funded accounts; 10 if absent. */
  readonly accounts?: number
  readonly mnemonic?: string
  readonly chainId?: number
  /** Seconds since 1970; now if absent. Chains that begin in the same second have the same genesis. */
  readonly genesisTime?: number
  /** States kept in memory, for calls at past blocks; logs are always kept. */
  readonly keptStates?: number
  /** Gets each line the process writes. */
  readonly log?: (line: string) => void
}

export interface AnvilAccount {
  /** Lower case. */
  readonly address: string
  /** 0x and 64 hex digits. */
  readonly secret: `0x${string}`
}

export interface AnvilExit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A running chain of its own; disposing stops it cleanly, so that its state is written. */
export interface AnvilProcess extends AsyncDisposable {
  readonly url: string
  readonly wsUrl: string
  readonly port: number
  readonly pid: number
  readonly accounts: readonly AnvilAccount[]
  /** Resolves when the process has ended, for whatever reason. */
  readonly exited: Promise<AnvilExit>
  /** Ends it hard: nothing more is written. */
  kill(): Promise<void>
}

const host = '127.0.0.1'
const startMs = 15_000
const stopMs = 10_000

/** Starts anvil on 127.0.0.1; resolves when it listens. Rejects if the port is taken or the process ends first. */
export async function startAnvil(options: AnvilOptions = {}): Promise<AnvilProcess> {
  if (options.port) await assertFree(options.port)
  const child = spawn(anvilBinary(), toArguments(options), { stdio: ['ignore', 'pipe', 'pipe'] })
  // A process that could not be spawned shows in `readBanner`.
  const exited = new Promise<AnvilExit>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }))
    child.once('error', () => resolve({ code: null, signal: null }))
  })
  try {
    const banner = await readBanner(child, options.log)
    if (options.port && banner.port !== options.port) {
      throw new Error(`anvil listens on ${banner.port} instead of ${options.port}`)
    }
    const url = `http://${host}:${banner.port}`
    // Otherwise each call costs lines of log.
    await call(url, 'anvil_setLoggingEnabled', [false])
    if (child.exitCode !== null || child.pid === undefined) throw new Error('anvil ended at once')
    return {
      url,
      wsUrl: `ws://${host}:${banner.port}`,
      port: banner.port,
      pid: child.pid,
      accounts: banner.accounts,
      exited,
      kill: () => end(child, exited, 'SIGKILL'),
      [Symbol.asyncDispose]: () => end(child, exited, 'SIGTERM'),
    }
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
}

// The package's own starter is left out: killed hard, it would leave the chain running.
function anvilBinary(): string {
  const arch = process.arch === 'x64' ? 'amd64' : process.arch
  const name = process.platform === 'win32' ? 'anvil.exe' : 'anvil'
  const starter = createRequire(import.meta.url).resolve('@foundry-rs/anvil/package.json')
  try {
    return createRequire(starter).resolve(
      `@foundry-rs/anvil-${process.platform}-${arch}/bin/${name}`,
    )
  } catch (cause) {
    throw new Error(`anvil is not available for ${process.platform}-${arch}`, { cause })
  }
}

function toArguments(options: AnvilOptions): string[] {
  const { port = 0, accounts = 10, keptStates = 128, stateIntervalSeconds = 5 } = options
  const args = ['--host', host, '--port', `${port}`, '--accounts', `${accounts}`]
  args.push('--prune-history', `${keptStates}`, '--order', 'fifo')
  if (options.blockTimeSeconds) args.push('--block-time', `${options.blockTimeSeconds}`)
  if (options.mnemonic) args.push('--mnemonic', options.mnemonic)
  if (options.genesisTime) args.push('--timestamp', `${options.genesisTime}`)
  if (options.chainId) args.push('--chain-id', `${options.chainId}`)
  if (options.stateFile) {
    args.push('--state', options.stateFile, '--state-interval', `${stateIntervalSeconds}`)
  }
  return args
}

async function assertFree(port: number): Promise<void> {
  const probe = createServer()
  try {
    probe.listen(port, host)
    await once(probe, 'listening')
  } catch (cause) {
    throw new Error(`port ${port} is in use`, { cause })
  }
  probe.close()
  await once(probe, 'close')
}

interface Banner {
  readonly port: number
  readonly accounts: readonly AnvilAccount[]
}

/** Reads what the process says until it says that it listens; goes on draining its output. */
function readBanner(child: ChildProcess, log: (line: string) => void = () => {}): Promise<Banner> {
  const addresses: string[] = []
  const secrets: string[] = []
  const lastWords: string[] = []
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('anvil did not start in time')), startMs)
    const fail = (error: Error): void => {
      clearTimeout(timer)
      reject(error)
    }
    child.once('error', fail)
    child.once('exit', () => fail(new Error(`anvil ended: ${lastWords.join(' ')}`)))
    const onLine = (line: string): void => {
      log(line)
      const port = /^Listening on 127\.0\.0\.1:(\d+)/.exec(line)?.[1]
      if (port) {
        clearTimeout(timer)
        const accounts = addresses.map((address, i) => toAccount(address, secrets[i]))
        resolve({ port: Number(port), accounts })
      }
      const listed = /^\(\d+\) (0x[0-9a-fA-F]+)/.exec(line)?.[1]
      if (listed) (listed.length === 66 ? secrets : addresses).push(listed)
    }
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', onLine)
    }
    if (child.stderr) {
      createInterface({ input: child.stderr }).on('line', (line) => {
        if (lastWords.length < 5) lastWords.push(line.trim())
      })
    }
  })
}

const toAccount = (address: string, secret = '0x'): AnvilAccount => ({
  address: address.toLowerCase(),
  secret: `0x${secret.slice(2)}`,
})

async function end(
  child: ChildProcess,
  exited: Promise<AnvilExit>,
  signal: 'SIGTERM' | 'SIGKILL',
): Promise<void> {
  child.kill(signal)
  const timer = setTimeout(() => child.kill('SIGKILL'), stopMs)
  await exited
  clearTimeout(timer)
}

/** One JSON-RPC call over HTTP. */
export async function call(url: string, method: string, params: unknown[]): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  })
  const reply: unknown = await response.json()
  if (typeof reply === 'object' && reply !== null && 'result' in reply) return reply.result
  throw new Error(`${method} failed: ${JSON.stringify(reply)}`)
}
