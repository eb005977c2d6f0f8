import { resolve } from 'node:path'
import { Failure } from '../failure.ts'

/** What was asked for; what is absent stays as it was, or takes its default in a new network. */
export interface DevOptions {
  readonly dataDir: string
  readonly parties?: readonly string[]
  /** APIs are on this port and the ones after it. */
  readonly port?: number
  readonly spiPort?: number
  readonly blockTime?: number
  /** `sqlite`, or the URL of a Postgres server. */
  readonly database?: string
  readonly reset: boolean
}

export interface RawDevOptions {
  readonly data: string | undefined
  readonly parties: string | undefined
  readonly port: string | undefined
  readonly 'spi-port': string | undefined
  readonly 'block-time': string | undefined
  readonly database: string | undefined
  readonly reset: boolean
}

/** More would not find accounts; see `stack-files.ts`. */
export const maxParties = 24
const partyName = /^[0-9a-zA-Z]([0-9a-zA-Z._-]{0,58}[0-9a-zA-Z])?$/

const wrong = (message: string): Failure =>
  new Failure(`${message}; see: concordat help dev`, { exitCode: 2 })

/** Checks the options of `dev`. */
export function toDevOptions(raw: RawDevOptions, cwd: string): DevOptions {
  const parties = raw.parties === undefined ? undefined : toParties(raw.parties)
  const port = toPort('--port', raw.port)
  const spiPort = toPort('--spi-port', raw['spi-port'])
  const blockTime = toBlockTime(raw['block-time'])
  const database = toDatabase(raw.database)
  return {
    dataDir: resolve(cwd, raw.data ?? '.concordat'),
    reset: raw.reset,
    ...(parties !== undefined && { parties }),
    ...(port !== undefined && { port }),
    ...(spiPort !== undefined && { spiPort }),
    ...(blockTime !== undefined && { blockTime }),
    ...(database !== undefined && { database }),
  }
}

function toParties(text: string): string[] {
  const names = text.split(',').map((name) => name.trim())
  const bad = names.find((name) => !partyName.test(name))
  if (bad !== undefined) throw wrong(`--parties: '${bad}' is not a name (letters, digits, . _ -)`)
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) throw wrong(`--parties: '${twice}' stands twice`)
  if (names.length > maxParties) throw wrong(`--parties: at most ${maxParties}`)
  return names
}

function toPort(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (port >= 1 && port <= 65_535) return port
  throw wrong(`${option}: '${text}' is not a port`)
}

function toBlockTime(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const seconds = /^\d{1,4}$/.test(text) ? Number(text) : 0
  if (seconds >= 1 && seconds <= 3600) return seconds
  throw wrong(`--block-time: '${text}' is not a number of seconds from 1 to 3600`)
}

function toDatabase(text: string | undefined): string | undefined {
  if (text === undefined || text === 'sqlite') return text
  if (/^postgres(ql)?:\/\/[^/]/.test(text) && URL.canParse(text)) return text
  throw wrong(`--database: write sqlite, or postgres://user:password@host/database`)
}
