import Type from 'typebox'
import type { RawJson } from '../json/raw-json.ts'
import { Flow, FlowDifference } from '../model/process.ts'
import { flag, listQuery, queryText } from './filters.ts'
import { defineRoute } from './route.ts'
import { NoInput, page, pathParams } from './schema.ts'

const resource = 'flows'
/** A definition's hash, its name for the newest version, or `name@version`. */
const params = pathParams('flow')
const Text = Type.String()

const example = {
  flow: 'flow/1',
  name: 'approval',
  version: '1.0.0',
  title: 'One asks, one answers',
  govern: { consent: 'standing' },
  roles: { asker: { one: true }, approver: { one: true } },
  state: { question: { schema: { type: 'string' } } },
  stages: {
    main: {
      initial: 'draft',
      values: ['draft', 'asked', 'granted', 'refused', 'expired'],
      final: ['granted', 'refused', 'expired'],
    },
  },
  steps: {
    ask: {
      by: ['asker'],
      in: { main: 'draft' },
      input: {
        type: 'object',
        required: ['question'],
        properties: { question: { type: 'string', maxLength: 200 } },
      },
      do: [{ set: 'question', to: 'input.question' }],
      to: { main: 'asked' },
    },
    grant: { by: ['approver'], in: { main: 'asked' }, to: { main: 'granted' } },
    refuse: { by: ['approver'], in: { main: 'asked' }, to: { main: 'refused' } },
  },
  deadlines: {
    notAsked: { track: 'main', stage: 'draft', after: 'P1D', to: { main: 'expired' } },
    noAnswer: { track: 'main', stage: 'asked', after: 'P2D', to: { main: 'expired' } },
  },
}

export const postFlow = defineRoute({
  id: 'postFlow',
  method: 'POST',
  path: '/flows',
  resource,
  summary:
    'Propose a process definition, as JSON or YAML: to all, or with `members` to some organisations alone',
  status: 202,
  confirmed: 200,
  requires: 'multiparty',
  query: Type.Object({
    confirm: flag,
    /** Names, ids or DIDs, separated by commas or given several times. The proposer is one of them anyway. */
    members: Type.Optional(Type.Unsafe<string | readonly string[]>({ type: 'string' })),
  }),
  body: Type.Unsafe<RawJson>({
    type: 'object',
    description: 'A flow/1 document; an editor completes and checks it with flow-1.schema.json',
  }),
  example,
  raw: [''],
  yaml: true,
  reply: Flow,
})

export const postFlowAdopt = defineRoute({
  id: 'postFlowAdopt',
  method: 'POST',
  path: '/flows/:flow/adopt',
  resource,
  summary: 'Say for this organisation that it takes part in processes of a definition',
  status: 202,
  confirmed: 200,
  requires: 'multiparty',
  params,
  query: Type.Object({ confirm: flag }),
  body: NoInput,
  bodyOptional: true,
  reply: Flow,
})

export const getFlows = defineRoute({
  id: 'getFlows',
  method: 'GET',
  path: '/flows',
  resource,
  summary: 'List process definitions, each version by itself',
  status: 200,
  requires: 'multiparty',
  filter: 'flows',
  query: listQuery('flows'),
  reply: page(Flow),
})

export const getFlow = defineRoute({
  id: 'getFlow',
  method: 'GET',
  path: '/flows/:flow',
  resource,
  summary: 'Get a process definition by its hash, `name@version`, or the newest of a name',
  status: 200,
  requires: 'multiparty',
  params,
  reply: Flow,
})

export const getFlowDiagram = defineRoute({
  id: 'getFlowDiagram',
  method: 'GET',
  path: '/flows/:flow/diagram',
  resource,
  summary:
    'Draw a process: as Mermaid, or with `format=bpmn` or `Accept: application/xml` as a BPMN 2.0 choreography',
  status: 200,
  requires: 'multiparty',
  params,
  query: Type.Object({ format: queryText }),
  reply: Text,
  writes: 'text',
  media: ['text/vnd.mermaid', 'application/xml'],
})

export const getFlowOpenApi = defineRoute({
  id: 'getFlowOpenApi',
  method: 'GET',
  path: '/flows/:flow/openapi',
  resource,
  summary: 'Get the OpenAPI document of the processes of a definition: a route for each step',
  status: 200,
  requires: 'multiparty',
  params,
  reply: Type.Record(Type.String(), Type.Unknown()),
})

export const getFlowTypes = defineRoute({
  id: 'getFlowTypes',
  method: 'GET',
  path: '/flows/:flow/types',
  resource,
  summary: 'Get the TypeScript types of a definition, for the SDK',
  status: 200,
  requires: 'multiparty',
  params,
  reply: Text,
  writes: 'text',
  media: ['text/plain'],
})

export const getFlowDiff = defineRoute({
  id: 'getFlowDiff',
  method: 'GET',
  path: '/flows/:flow/diff',
  resource,
  summary: 'Say in words what another definition, `with`, changes',
  status: 200,
  requires: 'multiparty',
  params,
  query: Type.Object({ with: queryText }),
  reply: Type.Array(FlowDifference),
})
