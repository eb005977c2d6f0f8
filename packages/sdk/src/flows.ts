import type { Flow, FlowDifference, Plain } from '@concordat/protocol'
import {
  type Call,
  getFlow,
  getFlowDiagram,
  getFlowDiff,
  getFlowOpenApi,
  getFlows,
  getFlowTypes,
  postFlow,
  postFlowAdopt,
} from '@concordat/protocol/routes'
import type { Caller, CallOptions } from './client.ts'

export interface WaitOptions extends CallOptions {
  /** False: does not wait until it is agreed on. */
  readonly confirm?: boolean
}

export interface ProposeOptions extends WaitOptions {
  /** Names, ids or DIDs of those it is for; for all if absent. */
  readonly members?: readonly string[]
}

/**
 * Process definitions. A reference is a definition's hash, `name@version`, or a name for its newest version.
 */
export interface Flows {
  /** Proposes a `flow/1` document: an object, or a text in YAML or JSON. An error has the document's `faults`. */
  propose(definition: object | string, options?: ProposeOptions): Promise<Plain<Flow>>
  /** Says that this organisation takes part. */
  adopt(reference: string, options?: WaitOptions): Promise<Plain<Flow>>
  get(reference: string, options?: CallOptions): Promise<Plain<Flow>>
  list(query?: Call<typeof getFlows>['query'], options?: CallOptions): Promise<Plain<Flow>[]>
  diagram(
    reference: string,
    options?: CallOptions & { readonly format?: 'mermaid' | 'bpmn' },
  ): Promise<string>
  openApi(reference: string, options?: CallOptions): Promise<object>
  /** TypeScript of its types: kept in a file, they are the type parameter of `processes.of`. */
  types(reference: string, options?: CallOptions): Promise<string>
  /** What the second changes. */
  diff(before: string, after: string, options?: CallOptions): Promise<FlowDifference[]>
}

export function createFlows(call: Caller): Flows {
  const params = (flow: string) => ({ params: { flow } })
  return {
    propose: (definition, { members, confirm = true, ...options } = {}) => {
      const query = { confirm, ...(members && { members }) }
      return call(postFlow, { query, body: definition }, options)
    },
    adopt: (flow, { confirm = true, ...options } = {}) =>
      call(postFlowAdopt, { ...params(flow), query: { confirm }, body: {} }, options),
    get: (flow, options) => call(getFlow, params(flow), options),
    list: (query = {}, options = {}) => call(getFlows, { query }, options),
    diagram: (flow, { format = 'mermaid', ...options } = {}) =>
      call(getFlowDiagram, { ...params(flow), query: { format } }, options),
    openApi: (flow, options) => call(getFlowOpenApi, params(flow), options),
    types: (flow, options) => call(getFlowTypes, params(flow), options),
    diff: (flow, other, options) =>
      call(getFlowDiff, { ...params(flow), query: { with: other } }, options),
  }
}
