import { asList } from '../definition/checking.ts'
import { type Move, movesOf } from '../definition/moves.ts'
import type { Definition } from '../definition/types.ts'

/** A Mermaid state diagram of a sound definition: stages, the steps and deadlines between them, and who takes them. */
export function toMermaid(definition: Definition): string {
  const tracks = Object.keys(definition.stages)
  if (tracks.length === 1) {
    const lines = tracks.flatMap((track) => linesOf(definition, track, 0))
    return ['stateDiagram-v2', ...lines, ''].join('\n')
  }
  const regions = tracks.map((track, i) => linesOf(definition, track, i).map((line) => `  ${line}`))
  const body = regions.flatMap((lines, i) => (i === 0 ? lines : ['    --', ...lines]))
  return ['stateDiagram-v2', '  state "tracks" as tracks {', ...body, '  }', ''].join('\n')
}

function linesOf(definition: Definition, track: string, index: number): string[] {
  const { initial = '', values = [], final = [] } = definition.stages[track] ?? {}
  // So that no stage is taken for a word of Mermaid, or for one of another track.
  const id = (stage: string): string => `t${index}_${stage}`
  const stages = values.map((stage) => `  state "${stage}" as ${id(stage)}`)
  const arrows = arrowsOf(definition, track).map(
    ({ from, to, label }) => `  ${id(from)} --> ${id(to)} : ${label}`,
  )
  const ends = final.map((stage) => `  ${id(stage)} --> [*]`)
  return [...stages, `  [*] --> ${id(initial)}`, ...arrows, ...ends]
}

/** One arrow of a picture. */
export interface Arrow {
  readonly kind: 'step' | 'deadline'
  readonly name: string
  readonly from: string
  readonly to: string
  readonly by: readonly string[]
  readonly label: string
}

/**
 * All arrows on a track, in order of its stages. A step or deadline that stays where it is leads back; one that has nothing
 * to do with the track is left out.
 */
export function arrowsOf(definition: Definition, track: string): readonly Arrow[] {
  const { values = [] } = definition.stages[track] ?? {}
  const moves = [...movesOf(definition, track), ...stays(definition, track)]
  return values.flatMap((from) =>
    moves
      .filter((move) => move.from.has(from))
      .map(({ kind, name, to, by }) => ({
        kind,
        name,
        from,
        to: to === '' ? from : to,
        by,
        label: kind === 'step' ? `${name} (${by.join(', ')})` : deadlineLabel(definition, name),
      })),
  )
}

/** Steps and deadlines that are bound to stages of the track, and stay in them. */
function stays(definition: Definition, track: string): readonly Move[] {
  const { steps, deadlines = {} } = definition
  const found: Move[] = []
  for (const [name, step] of Object.entries(steps)) {
    const places = step.in?.[track]
    if (places === undefined || step.to?.[track] !== undefined) continue
    found.push({ kind: 'step', name, from: new Set(asList(places)), to: '', by: step.by })
  }
  for (const [name, deadline] of Object.entries(deadlines)) {
    if (deadline.track !== track || deadline.to?.[track] !== undefined) continue
    found.push({ kind: 'deadline', name, from: new Set(asList(deadline.stage)), to: '', by: [] })
  }
  return found
}

function deadlineLabel(definition: Definition, name: string): string {
  const after = definition.deadlines?.[name]?.after
  return after === undefined ? `${name} (when due)` : `${name} (after ${after})`
}
