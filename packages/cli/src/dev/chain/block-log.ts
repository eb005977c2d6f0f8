import {
  appendFileSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'

/** A block, as far as it takes to make the very same one again. */
export interface LoggedBlock {
  readonly number: number
  /** Seconds since 1970. */
  readonly timestamp: number
  readonly hash: string
  /** Signed transactions, in order. */
  readonly transactions: readonly string[]
}

/** Blocks as they come, one line each; a last line cut short by a crash is left out when reading. */
export interface BlockLog {
  read(): LoggedBlock[]
  append(blocks: readonly LoggedBlock[]): void
  /** Forgets all others. */
  keep(blocks: readonly LoggedBlock[]): void
}

/** Room kept for the last blocks, in bytes. */
const reserve = 1024 * 1024

/**
 * A block that was made can't be taken back, so there is always room to log it: a file of no meaning, `<file>.reserve`, gives
 * up its own when the disk is full. `append` throws then all the same, with the blocks written if that made room.
 */
export function openBlockLog(file: string): BlockLog {
  const reserveFile = `${file}.reserve`
  writeFileSync(reserveFile, Buffer.alloc(reserve, 1), { mode: 0o600 })
  return {
    read: () => readLines(file).flatMap(parseLine),
    append(blocks) {
      const before = sizeOf(file)
      try {
        appendFileSync(file, toLines(blocks), { mode: 0o600 })
      } catch (error) {
        rmSync(reserveFile, { force: true })
        truncateSync(file, before)
        appendFileSync(file, toLines(blocks), { mode: 0o600 })
        throw error
      }
    },
    keep(blocks) {
      writeFileSync(`${file}.new`, toLines(blocks), { mode: 0o600 })
      renameSync(`${file}.new`, file)
    },
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}

const toLines = (blocks: readonly LoggedBlock[]): string =>
  blocks.map((block) => `${JSON.stringify(block)}\n`).join('')

function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n')
  } catch {
    return []
  }
}

function parseLine(line: string): LoggedBlock[] {
  try {
    const value: unknown = JSON.parse(line)
    return isLoggedBlock(value) ? [value] : []
  } catch {
    return []
  }
}

const isLoggedBlock = (value: unknown): value is LoggedBlock =>
  typeof value === 'object' &&
  value !== null &&
  'number' in value &&
  typeof value.number === 'number' &&
  'timestamp' in value &&
  typeof value.timestamp === 'number' &&
  'hash' in value &&
  typeof value.hash === 'string' &&
  'transactions' in value &&
  Array.isArray(value.transactions)
