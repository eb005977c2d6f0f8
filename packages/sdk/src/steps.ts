import type { Plain, ProcessDecision, StepAnswer } from '@concordat/protocol'
import type { CallOptions } from './client.ts'
import type { FlowTypes } from './flow-types.ts'

export interface StepOptions<Role extends string = string> extends CallOptions {
  /** Needed only if this party has several that may take the step. */
  readonly role?: Role
  /** One wish: the same again is decided once. Made by the node if absent. */
  readonly intent?: string
  /** The step is to count only if nothing has changed since decision `n`. */
  readonly expect?: { readonly n: number }
  /** Another identity of this node. */
  readonly author?: string
  readonly key?: string
}

type Decision = Plain<ProcessDecision>
type InputOf<S> = S extends { readonly input: infer I } ? I : never
type RoleOf<S> = S extends { readonly role: infer R extends string } ? R : string
/** An input of which nothing is required may be left out. */
type Args<S> =
  Record<never, never> extends InputOf<S>
    ? [input?: InputOf<S>, options?: StepOptions<RoleOf<S>>]
    : undefined extends InputOf<S>
      ? [input?: InputOf<S>, options?: StepOptions<RoleOf<S>>]
      : [input: InputOf<S>, options?: StepOptions<RoleOf<S>>]

/** Takes a step. */
export interface StepFunction<S> {
  /**
   * Resolves with the decision when the step was accepted. Rejects with an `ApiError` that has the `decision` when another
   * came first (409) or a rule refuses it (422).
   */
  (...args: Args<S>): Promise<Decision>
  /** What would be decided now; nothing is sent. */
  tryOut(...args: Args<S>): Promise<Decision>
}

export type Steps<F extends FlowTypes> = {
  readonly [step in keyof F['steps']]: StepFunction<F['steps'][step]>
}

interface Deps {
  submit(step: string, input: object, options: StepOptions): Promise<Plain<StepAnswer>>
  tryOut(step: string, input: object, options: StepOptions): Promise<Plain<StepAnswer>>
}

/** A function under any name: whether there is such a step, the definition says. */
export function createSteps<F extends FlowTypes>({ submit, tryOut }: Deps): Steps<F> {
  const functionOf = (step: string) => {
    const take = async (input: object = {}, options: StepOptions = {}) =>
      decisionOf(await submit(step, input, options))
    return Object.assign(take, {
      tryOut: async (input: object = {}, options: StepOptions = {}) =>
        decisionOf(await tryOut(step, input, options)),
    })
  }
  const steps = new Proxy(Object.create(null), {
    get: (_, name) => (typeof name === 'string' ? functionOf(name) : undefined),
  })
  return steps
}

function decisionOf({ step, decision }: Plain<StepAnswer>): Decision {
  if (!decision) throw new Error(`The node has not said what was decided on '${step}'`)
  return decision
}
