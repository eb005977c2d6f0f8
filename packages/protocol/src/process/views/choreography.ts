import type { Definition } from '../definition/types.ts'
import { type Arrow, arrowsOf } from './to-mermaid.ts'

/** A node of the choreography of one track. */
export interface Node {
  readonly id: string
  readonly kind: 'start' | 'choice' | 'task' | 'timer' | 'end'
  readonly name: string
  /** Of a task: who takes the step, and who learns of it. */
  readonly participants?: readonly [initiator: string, receiver: string]
  /** Of a task or timer: what it stands for. */
  readonly arrow?: Arrow
  /** Columns from the left, rows from the top. */
  readonly column: number
  readonly row: number
}

export interface Flow {
  readonly id: string
  readonly from: string
  readonly to: string
}

export interface Choreography {
  readonly track: string
  readonly nodes: readonly Node[]
  readonly flows: readonly Flow[]
  readonly rows: number
}

/** Stands for all parties but the one who takes the step. No role can have this name. */
export const OTHERS = 'other-parties'

/** Who takes part: the roles, and where there are not just two of them, all others together. */
export function participantsOf(definition: Definition): readonly string[] {
  const roles = Object.keys(definition.roles)
  return roles.length === 2 ? roles : [...roles, OTHERS]
}

/**
 * The choreography of a track: a stage is a choice among the steps and deadlines that are possible in it, each of which
 * leads to a stage. BPMN knows one initiator of a task, so a step of two roles becomes two tasks.
 */
export function choreographyOf(definition: Definition, track: string): Choreography {
  const { initial = '', values = [], final = [] } = definition.stages[track] ?? {}
  const arrows = arrowsOf(definition, track)
  const columns = columnsOf(initial, values, arrows)
  const nodes: Node[] = []
  const flows: Flow[] = []
  const link = (from: string, to: string): void => {
    flows.push({ id: `Flow-${track}-${flows.length + 1}`, from, to })
  }
  const stageId = (stage: string): string => `Stage-${track}-${stage}`
  nodes.push({ id: `Start-${track}`, kind: 'start', name: '', column: 0, row: 0 })
  link(`Start-${track}`, stageId(initial))
  const free = new Map<number, number>()
  for (const stage of values) {
    const column = 1 + 2 * (columns.get(stage) ?? 0)
    const first = free.get(column) ?? 0
    const ways = waysOf(definition, arrows, stage)
    const ends = final.includes(stage)
    const branches = ways.map(
      (way, i): Node => ({
        ...way,
        id: `Way-${track}-${stage}-${i + 1}`,
        column: column + 1,
        row: first + i,
      }),
    )
    free.set(column, first + Math.max(1, branches.length + (ends ? 1 : 0)))
    if (branches.length === 0) {
      nodes.push({ id: stageId(stage), kind: 'end', name: stage, column, row: first })
      continue
    }
    nodes.push({ id: stageId(stage), kind: 'choice', name: stage, column, row: first })
    for (const branch of branches) {
      nodes.push(branch)
      link(stageId(stage), branch.id)
      link(branch.id, stageId(branch.arrow?.to ?? stage))
    }
    if (!ends) continue
    const row = first + branches.length
    nodes.push({ id: `End-${track}-${stage}`, kind: 'end', name: stage, column: column + 1, row })
    link(stageId(stage), `End-${track}-${stage}`)
  }
  return { track, nodes, flows, rows: Math.max(1, ...free.values()) }
}

type Way = Pick<Node, 'kind' | 'name' | 'participants' | 'arrow'>

/** What may happen in a stage: a timer for each deadline, a task for each role of each step. */
function waysOf(definition: Definition, arrows: readonly Arrow[], stage: string): readonly Way[] {
  const participants = participantsOf(definition)
  return arrows
    .filter(({ from }) => from === stage)
    .flatMap((arrow): readonly Way[] => {
      const { kind, name, by } = arrow
      const known = kind === 'step' ? definition.steps[name] : definition.deadlines?.[name]
      const title = known?.title ?? name
      if (kind === 'deadline') return [{ kind: 'timer', name: title, arrow }]
      return by.map((role) => {
        const other = participants.includes(OTHERS)
          ? OTHERS
          : (participants.find((one) => one !== role) ?? OTHERS)
        return { kind: 'task', name: title, participants: [role, other], arrow }
      })
    })
}

/** How many moves each stage is away from the first. */
function columnsOf(
  initial: string,
  values: readonly string[],
  arrows: readonly Arrow[],
): ReadonlyMap<string, number> {
  const columns = new Map([[initial, 0]])
  for (const [stage, column] of columns) {
    for (const { from, to } of arrows) {
      if (from === stage && !columns.has(to)) columns.set(to, column + 1)
    }
  }
  const last = Math.max(...columns.values())
  for (const stage of values) if (!columns.has(stage)) columns.set(stage, last + 1)
  return columns
}
