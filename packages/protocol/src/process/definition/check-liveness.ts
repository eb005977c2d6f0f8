import { asList } from './checking.ts'
import type { Findings } from './faults.ts'
import { leadingTo, type Move, movesOf, reachable } from './moves.ts'
import type { Definition, Track } from './types.ts'

/** Whether every process of this definition can go on, and comes to an end. Names must be sound. */
export function checkLiveness(definition: Definition, findings: Findings): void {
  const reached = new Map<string, ReadonlySet<string>>()
  const single = Object.keys(definition.stages).length === 1
  for (const [name, track] of Object.entries(definition.stages)) {
    const all = movesOf(definition, name)
    const final = new Set(track.final)
    // Where there is but one track, its final stages end everything.
    const moves = single
      ? all.map((move) => ({ ...move, from: new Set([...move.from].filter((s) => !final.has(s))) }))
      : all
    const stages = reachable(moves, [track.initial])
    reached.set(name, stages)
    checkTrack(name, track, moves, stages, findings)
  }
  checkSteps(definition, reached, findings)
  checkDeadlines(definition, findings)
  checkRoles(definition, findings)
}

function checkTrack(
  name: string,
  track: Track,
  moves: readonly Move[],
  reached: ReadonlySet<string>,
  findings: Findings,
): void {
  const ending = leadingTo(moves, track.final)
  /** By role, the stages that it alone can leave. */
  const held = new Map<string, Set<string>>()
  let live = true
  for (const [i, stage] of track.values.entries()) {
    const path = ['stages', name, 'values', i]
    if (!reached.has(stage)) findings.add('UNREACHABLE_STAGE', path, { track: name, stage })
    if (!reached.has(stage) || track.final.includes(stage)) continue
    const exits = moves.filter(({ from, to }) => from.has(stage) && to !== stage)
    if (exits.length === 0) findings.add('DEAD_END', path, { track: name, stage })
    else if (!ending.has(stage)) findings.add('NO_WAY_TO_END', path, { track: name, stage })
    live &&= ending.has(stage)
    const role = onlyRole(exits)
    if (role === undefined) continue
    findings.add('ONE_ROLE_EXIT', path, { track: name, stage, role })
    held.set(role, (held.get(role) ?? new Set()).add(stage))
  }
  if (live) checkSilence(name, track, moves, reached, held, findings)
}

/** The role without which none of these moves is made; undefined if there is none such. */
function onlyRole(moves: readonly Move[]): string | undefined {
  if (moves.some(({ kind }) => kind === 'deadline')) return undefined
  const [role, ...others] = new Set(moves.flatMap(({ by }) => by))
  return others.length === 0 ? role : undefined
}

/** Stages from which the others, without one role, go round for ever. `held`: by role, where they come to a stop. */
function checkSilence(
  name: string,
  track: Track,
  moves: readonly Move[],
  reached: ReadonlySet<string>,
  held: ReadonlyMap<string, ReadonlySet<string>>,
  findings: Findings,
): void {
  for (const role of new Set(moves.flatMap(({ by }) => by))) {
    const without = moves.filter(
      ({ kind, by }) => kind === 'deadline' || by.some((r) => r !== role),
    )
    const stopping = leadingTo(without, [...track.final, ...(held.get(role) ?? [])])
    for (const [i, stage] of track.values.entries()) {
      if (!reached.has(stage) || stopping.has(stage)) continue
      findings.add('NO_END_WITHOUT', ['stages', name, 'values', i], { track: name, stage, role })
    }
  }
}

function checkSteps(
  definition: Definition,
  reached: ReadonlyMap<string, ReadonlySet<string>>,
  findings: Findings,
): void {
  for (const [name, step] of Object.entries(definition.steps)) {
    const places = [...reached].map(([track, stages]) => {
      const wanted = asList(step.in?.[track] ?? [...stages])
      return { track, wanted: wanted.filter((stage) => stages.has(stage)) }
    })
    const never = places.some(({ wanted }) => wanted.length === 0)
    const ended = places.every(({ track, wanted }) =>
      wanted.every((stage) => definition.stages[track]?.final.includes(stage)),
    )
    if (never || ended) findings.add('UNREACHABLE_STEP', ['steps', name], {})
  }
}

/** A stage of a track, by one text. */
type Place = string

function checkDeadlines(definition: Definition, findings: Findings): void {
  const next = new Map<Place, { readonly to: Place; readonly name: string }[]>()
  for (const [name, deadline] of Object.entries(definition.deadlines ?? {})) {
    const { track, to = {}, do: assignments = [] } = deadline
    const goals = Object.entries(to)
    if (goals.length === 0 && assignments.length === 0) {
      findings.add('DEADLINE_IDLE', ['deadlines', name], {})
    }
    for (const stage of asList(deadline.stage)) {
      if (to[track] === stage) {
        findings.add('DEADLINE_TO_ITSELF', ['deadlines', name, 'to', track], { stage })
      }
      const moves = goals
        .map(([goal, value]) => ({ to: `${goal}.${value}`, name }))
        .filter((move) => move.to !== `${track}.${stage}`)
      next.set(`${track}.${stage}`, [...(next.get(`${track}.${stage}`) ?? []), ...moves])
    }
  }
  const ring = findRing(next)
  if (ring !== undefined) {
    findings.add('DEADLINE_RING', ['deadlines', ring.name], { ring: ring.places.join(' → ') })
  }
}

interface Ring {
  readonly name: string
  readonly places: readonly Place[]
}

/** A ring of places in which each deadline enters the next. */
function findRing(
  next: ReadonlyMap<Place, readonly { readonly to: Place; readonly name: string }[]>,
): Ring | undefined {
  const done = new Set<Place>()
  const walk = (place: Place, trail: readonly Place[]): Ring | undefined => {
    if (done.has(place)) return undefined
    for (const { to, name } of next.get(place) ?? []) {
      const at = [...trail, place].indexOf(to)
      if (at >= 0) return { name, places: [...trail.slice(at), place, to] }
      const found = walk(to, [...trail, place])
      if (found !== undefined) return found
    }
    done.add(place)
    return undefined
  }
  for (const place of next.keys()) {
    const found = walk(place, [])
    if (found !== undefined) return found
  }
  return undefined
}

function checkRoles(definition: Definition, findings: Findings): void {
  const { roles, steps } = definition
  const busy = new Set(
    Object.values(steps).flatMap(({ by, effects = [] }) => [...by, ...effects.map((e) => e.by)]),
  )
  for (const [name, { observer }] of Object.entries(roles)) {
    if (observer !== true && !busy.has(name)) findings.add('IDLE_ROLE', ['roles', name], { name })
  }
}
