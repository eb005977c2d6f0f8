import type { Plain, ProcessDecision, ProcessWhy, StepAnswer } from '@concordat/protocol'
import {
  type Call,
  getProcessByID,
  getProcessDecision,
  getProcessDecisions,
  getProcesses,
  getProcessWhy,
  postProcess,
  postProcessStep,
} from '@concordat/protocol/routes'
import type { Caller, CallOptions } from './client.ts'
import type { EventStream, StreamOptions } from './event-stream.ts'
import type { AnyFlow, FlowTypes, PartiesOf, ProcessOf } from './flow-types.ts'
import type { WaitOptions } from './flows.ts'
import { createSteps, type StepOptions, type Steps } from './steps.ts'
import { watchProcess } from './watch-process.ts'

export interface BeginOptions extends WaitOptions {
  /** Its UUID: the same again is the same process. */
  readonly id?: string
}

export interface SubmitOptions extends StepOptions {
  /** False: does not wait until it is decided. */
  readonly confirm?: boolean
}

/** Agreed processes. `F` is what `concordat types` writes of their definition. */
export interface Processes {
  /** Begins one. `flow` is a definition's hash, `name@version`, or a name. */
  begin<F extends FlowTypes = AnyFlow>(
    flow: string,
    parties: PartiesOf<F>,
    options?: BeginOptions,
  ): Promise<AgreedProcess<F>>
  /** One that is there; nothing is asked of the node until it is used. */
  of<F extends FlowTypes = AnyFlow>(id: string): AgreedProcess<F>
  /** Conditions are on fields, and on `stage.<track>`, `state.<field>`, `party.<role>`. */
  list<F extends FlowTypes = AnyFlow>(
    query?: Call<typeof getProcesses>['query'],
    options?: CallOptions,
  ): Promise<ProcessOf<F>[]>
}

/** One process, as a program takes part in it. */
export interface AgreedProcess<F extends FlowTypes = AnyFlow> {
  readonly id: string
  /** A function for each step: `process.steps.accept({ round: 1 })`. */
  readonly steps: Steps<F>
  /** Takes a step by its name. Rejects like the functions in `steps`. */
  submit(step: string, input: object, options?: SubmitOptions): Promise<Plain<StepAnswer>>
  /** Consents to take part, where the definition asks for it: until all have, no step counts. */
  join(options?: StepOptions): Promise<Plain<StepAnswer>>
  get(options?: CallOptions): Promise<ProcessOf<F>>
  /** Newest first, if the query names no order. */
  decisions(
    query?: Call<typeof getProcessDecisions>['query'],
    options?: CallOptions,
  ): Promise<Plain<ProcessDecision>[]>
  decision(n: number, options?: CallOptions): Promise<Plain<ProcessDecision>>
  /** What it waits for. */
  why(options?: CallOptions): Promise<Plain<ProcessWhy>>
  /** The process as it is, and again whenever it has changed, until it has ended. */
  watch(options?: CallOptions): AsyncGenerator<ProcessOf<F>, void>
}

export interface ProcessDeps {
  readonly call: Caller
  readonly events: (start: StreamOptions) => EventStream
}

export function createProcesses(deps: ProcessDeps): Processes {
  const { call } = deps
  return {
    async begin(flow, parties, { confirm = true, id, ...options } = {}) {
      const body = { flow, parties: toLists(parties), ...(id !== undefined && { id }) }
      const begun = await call(postProcess, { query: { confirm }, body }, options)
      return createProcess(begun.id, deps)
    },
    of: (id) => createProcess(id, deps),
    // The node writes documents by the schemas of their definition.
    list: async <F extends FlowTypes>(query = {}, options = {}) =>
      (await call(getProcesses, { query }, options)) as unknown as ProcessOf<F>[],
  }
}

const toLists = (parties: object): Record<string, string | string[]> =>
  Object.fromEntries(
    Object.entries(parties).map(([role, names]: [string, string | readonly string[]]) => [
      role,
      typeof names === 'string' ? names : [...names],
    ]),
  )

function createProcess<F extends FlowTypes>(id: string, deps: ProcessDeps): AgreedProcess<F> {
  const { call } = deps
  const params = { params: { id } }
  const get = async (options?: CallOptions): Promise<ProcessOf<F>> =>
    // By the schemas of its definition, as in a list.
    (await call(getProcessByID, params, options)) as unknown as ProcessOf<F>
  const submit: AgreedProcess['submit'] = (step, input, given = {}) => {
    const { confirm = true, signal, ...wish } = given
    const parts = { params: { id, step }, query: { confirm }, body: { ...wish, input } }
    return call(postProcessStep, parts, signal && { signal })
  }
  const tryOut = (step: string, input: object, { signal, ...wish }: StepOptions) => {
    const query = { dryrun: true }
    const parts = { params: { id, step }, query, body: { ...wish, input } }
    return call(postProcessStep, parts, signal && { signal })
  }
  return {
    id,
    steps: createSteps<F>({ submit, tryOut }),
    submit,
    join: (options) => submit('$join', {}, options),
    get,
    decisions: (query = {}, options = {}) =>
      call(getProcessDecisions, { ...params, query }, options),
    decision: (n, options) => call(getProcessDecision, { params: { id, n: String(n) } }, options),
    why: (options) => call(getProcessWhy, params, options),
    watch: (options) => watchProcess(id, { ...deps, get }, options),
  }
}
