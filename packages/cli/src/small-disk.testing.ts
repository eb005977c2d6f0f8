import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const tried = spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', tmpdir()])

/** Why no disk of its own can be mounted here; false if one can. */
export const noSmallDisk: string | false =
  tried.status !== 0 &&
  `no private disk can be mounted here (${tried.error?.message ?? String(tried.stderr).trim()})`

export interface Started {
  /** All it printed so far. */
  said(): string
  /** Resolves with the exit code. */
  readonly ended: Promise<number>
}

/**
 * A disk of a few megabytes, seen only by what is started on it: a shell in a mount namespace of its own keeps it, and
 * goes with it.
 */
export class SmallDisk implements AsyncDisposable {
  /** Where it is mounted. */
  readonly dir = mkdtempSync(join(tmpdir(), 'small-disk-'))
  readonly #outside = mkdtempSync(join(tmpdir(), 'small-disk-logs-'))
  readonly #shell: ChildProcess
  readonly #waiting: ((line: string) => void)[] = []
  /** By name. */
  readonly #running = new Map<string, number>()
  readonly #ends = new Map<string, (code: number) => void>()
  #count = 0

  constructor(megabytes: number) {
    this.#shell = spawn('unshare', ['--mount', '--kill-child', 'sh'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    if (this.#shell.stdout)
      createInterface({ input: this.#shell.stdout }).on('line', (line) => this.#take(line))
    this.#write(`mount -t tmpfs -o size=${megabytes}m tmpfs ${this.dir}`)
  }

  /** Runs a shell command there; resolves with the line it prints last. */
  run(command: string): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>()
    this.#waiting.push(resolve)
    this.#write(`echo "= $({ ${command}; } 2>/dev/null | tail -n 1)"`)
    return promise
  }

  /** Starts a program of ours. */
  start(args: readonly string[]): Started {
    const name = `started-${++this.#count}`
    const log = join(this.#outside, name)
    const { promise: ended, resolve } = Promise.withResolvers<number>()
    this.#ends.set(name, resolve)
    const quoted = [process.execPath, ...args].map((arg) => `'${arg}'`).join(' ')
    this.#write(`(${quoted} > ${log} 2>&1 & echo "${name} pid $!"; wait $!; echo "${name} $?") &`)
    const said = (): string => {
      try {
        return readFileSync(log, 'utf8')
      } catch {
        return ''
      }
    }
    return { said, ended }
  }

  /** Takes all the room there is; resolves with the bytes left. */
  async fill(): Promise<number> {
    const file = join(this.dir, 'ballast')
    await this.run(`dd if=/dev/zero of=${file} bs=64k; dd if=/dev/zero of=${file}.more bs=512`)
    return Number(await this.run(`stat -f -c %a ${this.dir}`))
  }

  async makeRoom(): Promise<void> {
    await this.run(`rm ${join(this.dir, 'ballast')} ${join(this.dir, 'ballast.more')}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const pid of this.#running.values()) process.kill(pid, 'SIGTERM')
    const gone = new Promise((resolve) => this.#shell.once('close', resolve))
    this.#shell.stdin?.end()
    await gone
    for (const dir of [this.dir, this.#outside]) rmSync(dir, { recursive: true, force: true })
  }

  #write(command: string): void {
    this.#shell.stdin?.write(`${command}\n`)
  }

  #take(line: string): void {
    if (line.startsWith('= ')) this.#waiting.shift()?.(line.slice(2))
    const [name = '', code, pid] = line.split(' ')
    if (code === 'pid') this.#running.set(name, Number(pid))
    else if (this.#running.delete(name)) this.#ends.get(name)?.(Number(code))
  }
}
