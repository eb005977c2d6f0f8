import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { Failure } from '../failure.ts'
import { complaintIn } from '../lifeline.ts'
import { keepShort } from './log-file.ts'

export interface ChildOptions {
  /** For people: `org_0`, `the chain`. */
  readonly name: string
  readonly program: string
  readonly args: readonly string[]
  /** What the process prints is added here. */
  readonly logFile: string
}

/** A process of our own. It sends one message when it is ready, and ends by itself when we are gone. */
export interface Child extends AsyncDisposable {
  readonly name: string
  readonly pid: number
  /** What it said when it was ready; rejects with one clear line if it ended first. */
  readonly ready: Promise<unknown>
  /** Resolves with one clear line when it ends, for whatever reason. */
  readonly ended: Promise<string>
}

const graceMs = 15_000

/**
 * Starts this program again as a child. It stands in a session of its own, so that Ctrl-C reaches only the parent, which
 * stops the children in order; the channel between them tells it when the parent is gone, even killed hard.
 */
export function startChild({ name, program, args, logFile }: ChildOptions): Child {
  const log = openSync(logFile, 'a', 0o600)
  const child = spawn(process.execPath, [program, ...args], {
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
  })
  closeSync(log)
  const short = keepShort(logFile)
  let stopping = false
  let said: string | undefined
  child.on('message', (message) => {
    said ??= complaintIn(message)
  })
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`${name} could not be started: ${error.message}`))
    child.once('exit', (code, signal) => resolve(lastWords({ name, code, signal, logFile, said })))
  })
  const ready = new Promise<unknown>((resolve, reject) => {
    child.on('message', (message) => {
      if (complaintIn(message) === undefined) resolve(message)
    })
    void exited.then((words) => reject(new Failure(words)))
  })
  // Whoever started it looks when it is time.
  ready.catch(() => {})
  return {
    name,
    pid: child.pid ?? -1,
    ready,
    ended: exited,
    async [Symbol.asyncDispose]() {
      if (!stopping && isRunning(child)) terminate(child)
      stopping = true
      await exited
      short[Symbol.dispose]()
    },
  }
}

const isRunning = (child: ChildProcess): boolean =>
  child.pid !== undefined && child.exitCode === null && child.signalCode === null

function terminate(child: ChildProcess): void {
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs)
  child.once('exit', () => clearTimeout(timer))
}

interface End {
  readonly name: string
  readonly code: number | null
  readonly signal: string | null
  readonly logFile: string
  /** What it said to us. */
  readonly said: string | undefined
}

function lastWords({ name, code, signal, logFile, said }: End): string {
  const how = signal === null ? `ended with code ${code}` : `was ended by ${signal}`
  const told = said?.replace(/^concordat: /, '')
  const words = code === 0 ? undefined : (told ?? complaint(logFile, signal === null))
  return `${name} ${how}${words === undefined ? '' : `: ${words}`} (log: ${logFile})`
}

/** The last complaint in a log, without its prefix; else its last line, if `anyLine`. */
function complaint(logFile: string, anyLine: boolean): string | undefined {
  try {
    const lines = readFileSync(logFile, 'utf8').slice(-16_384).trimEnd().split('\n')
    const start = lines.findLastIndex((line) => line.startsWith('concordat: '))
    if (start === -1 && !anyLine) return undefined
    const words = lines.slice(start).join(' ')
    return words.replace(/^concordat: /, '').trim() || undefined
  } catch {
    return undefined
  }
}
