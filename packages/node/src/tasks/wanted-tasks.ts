import { type InstanceState, openTasks, type Task } from '@concordat/protocol/process'
import type { FlowBinding } from '../config/bindings.ts'
import type { TaskRow } from '../store/task-schema.ts'

/** A task that ought to be in the inbox. */
export interface WantedTask extends Task {
  /** DID. */
  readonly party: string
}

/** The tasks of some parties at a time, in Unix seconds: those that people see, and those of programs that this node has a decider or a rule for. */
export const wantedTasks = (
  state: InstanceState,
  parties: readonly string[],
  binding: FlowBinding | undefined,
  time: number,
): readonly WantedTask[] =>
  parties.flatMap((party) =>
    openTasks(state, party, time)
      .filter(({ step }) => isForPeople(state, step) || isBound(binding, step))
      .map((task) => ({ ...task, party })),
  )

/** Whether time alone, without any event, may make a step possible, or impossible. */
export const dependsOnTime = ({ frame, situation, stop }: InstanceState): boolean =>
  !situation.closed &&
  stop === undefined &&
  [...frame.definition.steps.values()].some(({ guards }) =>
    guards.some(({ rule: { reads } }) => {
      const roots = new Set(reads.map(({ root }) => root))
      return roots.has('now') && !roots.has('input')
    }),
  )

function isForPeople({ frame }: InstanceState, name: string): boolean {
  const step = frame.definition.steps.get(name)?.document
  return !step?.auto && step?.trigger === undefined && step?.result === undefined
}

const isBound = (binding: FlowBinding | undefined, step: string): boolean =>
  binding !== undefined &&
  (binding.deciders.has(step) || binding.rules.some((rule) => rule.do === step))

/** What tells one task of an instance from another. */
export const keyOf = ({
  party,
  role,
  step,
  since,
}: Pick<TaskRow, 'party' | 'step' | 'since'> & { readonly role?: string | null }): string =>
  JSON.stringify([party, role ?? null, step, since])

export function areSame(some: readonly WantedTask[], others: readonly WantedTask[]): boolean {
  if (some.length !== others.length) return false
  return some.every((task, i) => {
    const other = others[i]
    return other !== undefined && keyOf(task) === keyOf(other) && task.due === other.due
  })
}
