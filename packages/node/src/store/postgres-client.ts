import { NodeError } from '@concordat/protocol'
import type { QueryResult } from 'kysely'
import pg from 'pg'
import { nameValues, snakeToCamel } from './names.ts'

const INT8 = 20

/** Sequences, sizes and counts stay far below 2^53. */
const getTypeParser: typeof pg.types.getTypeParser = (oid: number, format?: 'text' | 'binary') =>
  oid === INT8 ? Number : pg.types.getTypeParser(oid, format === 'binary' ? 'text' : format)

export function connectionOptions(url: string): pg.ClientConfig {
  return { connectionString: url, types: { getTypeParser }, keepAlive: true }
}

/** From a result in array mode. */
export function toResult({
  fields,
  rows,
  rowCount,
  command,
}: pg.QueryArrayResult): QueryResult<unknown> {
  const keys = fields.map(({ name }) => snakeToCamel(name))
  const named = nameValues(keys, rows)
  return command === 'SELECT'
    ? { rows: named }
    : { rows: named, numAffectedRows: BigInt(rowCount ?? 0) }
}

/** A database that can't be reached, or is too slow, is an error the caller may try again after. */
export function explain(error: unknown): unknown {
  if (error instanceof NodeError || !(error instanceof Error)) return error
  if (error instanceof pg.DatabaseError && error.code === '53100')
    return new NodeError('CC20305', { reason: error.message }, { cause: error })
  return isLost(error) || isTooSlow(error)
    ? new NodeError('CC20304', { reason: error.message }, { cause: error })
    : error
}

/** Whether the connection is gone: what the server did not say itself, or says when it shuts down. */
export function isLost(error: Error): boolean {
  if (!(error instanceof pg.DatabaseError)) return true
  const { code = '' } = error
  return code.startsWith('08') || code.startsWith('57P') || code === '53300'
}

const isTooSlow = (error: Error): boolean =>
  error instanceof pg.DatabaseError && error.code === '57014'
