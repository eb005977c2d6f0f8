import Type from 'typebox'
import Value from 'typebox/value'
import type { Checkpoint } from './chain.ts'

/** How far a contract was read: everything up to and with block `number`. */
export interface Cursor {
  readonly genesis: string
  readonly number: number
  /** Hash of that block; absent before the first page. */
  readonly hash?: string
  /** Some blocks read before, oldest first: they tell a chain that lost blocks from one that was rewritten. */
  readonly recent: readonly (readonly [number: number, hash: string])[]
}

const kept = 16

export const moveCursor = (
  cursor: Cursor,
  end: { readonly number: number; readonly hash: string },
): Cursor => ({
  genesis: cursor.genesis,
  number: end.number,
  hash: end.hash,
  recent: [...cursor.recent, [end.number, end.hash] as const].slice(-kept),
})

const Hash = Type.String({ pattern: '^0x[0-9a-f]{64}$' })
const Written = Type.Object({
  genesis: Hash,
  number: Type.Integer(),
  hash: Type.Optional(Hash),
  recent: Type.Array(Type.Tuple([Type.Integer(), Hash])),
})

export const writeCheckpoint = (cursor: Cursor): Checkpoint => JSON.stringify(cursor)

/** Throws if the text is not one that `writeCheckpoint` wrote. */
export function parseCheckpoint(text: Checkpoint): Cursor {
  const value: unknown = JSON.parse(text)
  if (!Value.Check(Written, value)) {
    throw new Error('the checkpoint is not of this chain')
  }
  return value
}
