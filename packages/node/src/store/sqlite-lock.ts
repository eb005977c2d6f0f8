import { NodeError } from '@concordat/protocol'
import BetterSqlite3 from 'better-sqlite3'

/**
 * Takes `<file>.lock` for this process: SQLite's own lock on a tiny database beside the real one. The operating system
 * drops it when the process dies, however it dies.
 */
export function lockFile(file: string): Disposable {
  const lock = new BetterSqlite3(`${file}.lock`, { timeout: 0 })
  try {
    // No journal: nothing is ever written, and nothing is left behind.
    lock.pragma('journal_mode = memory')
    lock.exec('begin exclusive')
  } catch (cause) {
    lock.close()
    throw new NodeError('CC20303', {}, { cause })
  }
  return { [Symbol.dispose]: () => void lock.close() }
}
