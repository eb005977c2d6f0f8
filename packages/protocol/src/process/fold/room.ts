import { Decimal } from '../values/decimal.ts'
import { fault } from '../values/fault.ts'
import { isList, type Value } from '../values/value.ts'
import { FOLD_LIMITS } from './limits.ts'

/**
 * How much one step may still write. A rule can name one large value many times for little fuel; written out, each counts.
 */
export interface Room {
  left: number
}

export const makeRoom = (): Room => ({ left: FOLD_LIMITS.document })

/** Throws `RuleFault` if a value, written out, has no room or is nested too deeply. */
export function takeRoom(room: Room, value: Value, depth = 0): void {
  room.left -= typeof value === 'string' ? value.length + 1 : 1
  if (room.left < 0) throw fault('OUT_OF_RANGE')
  if (typeof value !== 'object' || value === null || value instanceof Decimal) return
  if (depth === FOLD_LIMITS.depth) throw fault('TOO_DEEP')
  if (isList(value)) {
    for (const item of value) takeRoom(room, item, depth + 1)
    return
  }
  for (const [key, member] of Object.entries(value)) {
    room.left -= key.length
    takeRoom(room, member, depth + 1)
  }
}
