import { asList } from './checking.ts'
import type { Definition } from './types.ts'

/** One way from stages of a track to a stage of it. */
export interface Move {
  readonly kind: 'step' | 'deadline'
  readonly name: string
  readonly from: ReadonlySet<string>
  readonly to: string
  /** Roles that can take it; none for a deadline. */
  readonly by: readonly string[]
}

/** All moves on a track. A step that does not name the track may come from anywhere on it. */
export function movesOf(definition: Definition, track: string): readonly Move[] {
  const { steps, deadlines = {}, stages } = definition
  const values = stages[track]?.values ?? []
  const moves: Move[] = []
  for (const [name, { in: places, to: goal, by }] of Object.entries(steps)) {
    const to = goal?.[track]
    if (to === undefined) continue
    const from = new Set(asList(places?.[track] ?? values))
    moves.push({ kind: 'step', name, from, to, by })
  }
  for (const [name, deadline] of Object.entries(deadlines)) {
    const to = deadline.to?.[track]
    if (to === undefined) continue
    const from = new Set(deadline.track === track ? asList(deadline.stage) : values)
    moves.push({ kind: 'deadline', name, from, to, by: [] })
  }
  return moves
}

/** Every stage that moves lead to from `start`, itself included. */
export function reachable(moves: readonly Move[], start: Iterable<string>): ReadonlySet<string> {
  const found = new Set(start)
  // A set may grow while it is walked; each stage comes up once.
  for (const stage of found) {
    for (const { from, to } of moves) if (from.has(stage)) found.add(to)
  }
  return found
}

/** Every stage from which moves lead to one of `goals`, themselves included. */
export function leadingTo(moves: readonly Move[], goals: Iterable<string>): ReadonlySet<string> {
  const found = new Set(goals)
  for (const goal of found) {
    for (const { from, to } of moves) if (to === goal) for (const stage of from) found.add(stage)
  }
  return found
}
