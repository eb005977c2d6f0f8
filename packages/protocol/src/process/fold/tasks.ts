import type { LoadedGuard, LoadedStep } from '../definition/loaded.ts'
import { createMeter } from '../rules/meter.ts'
import { failureOf, findMisplacement } from './check.ts'
import { makeEnvironment } from './environment.ts'
import type { InstanceState } from './state.ts'

/** Something that a party could do now, up to what it would put in. */
export interface Task {
  /** Of the definition, or `$join`: the instance waits for the party's consent. */
  readonly step: string
  /** In which role; absent for `$join`. */
  readonly role?: string
  /**
   * The decision since which the step's stages hold. Together with step and role it names the task: when a stage is entered
   * again, its tasks are new ones.
   */
  readonly since: number
  /** Unix seconds of the first deadline that ends one of the step's stages. */
  readonly due?: number
}

/** The tasks of a party at a time, by default that of the last decision. Steps that programs submit are among them. */
export function openTasks(
  state: InstanceState,
  did: string,
  time: number = state.clock,
): readonly Task[] {
  const { frame, situation } = state
  if (situation.closed || state.stop !== undefined) return []
  if (situation.waiting.length > 0) {
    return situation.waiting.includes(did) ? [{ step: '$join', since: 0 }] : []
  }
  const roles = frame.definition.roles.filter((role) => frame.rolesOf.get(did)?.has(role))
  return [...frame.definition.steps.values()]
    .filter((step) => findMisplacement(situation, { step, author: did }) === undefined)
    .flatMap((step) =>
      roles
        .filter((role) => step.by.has(role) && isPossible(state, step, { did, role, time }))
        .map((role) => describe(state, step, role)),
    )
}

interface Asker {
  readonly did: string
  readonly role: string
  readonly time: number
}

/** Whether all rules hold that do not ask about the input. */
function isPossible(
  { frame, situation, n, clock }: InstanceState,
  step: LoadedStep,
  { did, role, time }: Asker,
): boolean {
  const guards = step.guards.filter((guard) => !readsInput(guard))
  if (guards.length === 0) return true
  const moment = { situation, now: Math.max(time, clock), n: n + 1 }
  const actor = { author: did, role, input: Object.create(null) }
  const environment = makeEnvironment(frame, moment, actor)
  const meter = createMeter()
  return guards.every((guard) => failureOf(guard, environment, meter) === undefined)
}

const readsInput = ({ rule }: LoadedGuard): boolean =>
  rule.reads.some(({ root }) => root === 'input')

function describe({ frame, situation }: InstanceState, step: LoadedStep, role: string): Task {
  let since = 0
  for (const [track, entry] of Object.entries(situation.entries)) {
    if (step.in.has(track)) since = Math.max(since, entry.n)
  }
  const due = situation.dues.find(({ name, fired }) => {
    const deadline = frame.definition.deadlines.get(name)
    return !fired && deadline !== undefined && step.in.has(deadline.track)
  })
  return { step: step.name, role, since, ...(due && { due: due.at }) }
}
