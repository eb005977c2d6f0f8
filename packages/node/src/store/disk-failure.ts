import { NodeError } from '@concordat/protocol'
import type { Database } from './database.ts'

/** Whether what failed is the disk under this process: full, or broken. */
export function isDiskFailure(error: unknown): error is Error & { readonly code: string } {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string')
    return false
  const { code } = error
  return code === 'SQLITE_FULL' || code.startsWith('SQLITE_IOERR') || isFull(code)
}

const isFull = (code: string): boolean => code === 'ENOSPC' || code === 'EDQUOT'

/** For callers: not the inside of the node, but its disk. */
export const toDiskFailure = (cause: Error): NodeError =>
  new NodeError('CC20305', { reason: cause.message }, { cause })

/**
 * Tells of the first transaction that fails by the disk. It is undone, and nobody was told that it is done; but what
 * this process holds in memory may say more than the database now, so it had better end.
 */
export function noticeDiskFailures(
  database: Database,
  onFailure: (error: NodeError) => void,
): Database {
  return {
    dialect: database.dialect,
    read: database.read,
    async transaction(work) {
      try {
        return await database.transaction(work)
      } catch (error) {
        if (!isDiskFailure(error)) throw error
        const failure = toDiskFailure(error)
        onFailure(failure)
        throw failure
      }
    },
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  }
}
