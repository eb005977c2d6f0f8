import Type, { type Static } from 'typebox'
import { Process, ProcessDecision, ProcessInput, StepAnswer, StepInput } from '../model/process.ts'
import { ProcessWhy } from '../model/process-why.ts'
import { flag, listQuery } from './filters.ts'
import { defineRoute } from './route.ts'
import { page, pathParams } from './schema.ts'

const resource = 'processes'
const params = pathParams('id')

type Conditions = {
  readonly [field in `stage.${string}` | `state.${string}` | `party.${string}`]?:
    | string
    | readonly string[]
}
const known = listQuery('processes')
/** Besides the fields, what processes hold: `stage.<track>`, `state.<field>`, `party.<role>`. */
const query = Type.Unsafe<Static<typeof known> & Conditions>(known)

export const postProcess = defineRoute({
  id: 'postProcess',
  method: 'POST',
  path: '/processes',
  resource,
  summary: 'Begin a process: name its definition, and who is who',
  status: 202,
  confirmed: 200,
  requires: 'multiparty',
  query: Type.Object({ confirm: flag }),
  body: ProcessInput,
  example: { flow: 'approval', parties: { asker: 'org_0', approver: 'org_1' } },
  reply: Process,
})

export const getProcesses = defineRoute({
  id: 'getProcesses',
  method: 'GET',
  path: '/processes',
  resource,
  summary:
    'List processes, by their fields and by what they hold: `stage.<track>`, `state.<field>`, `party.<role>`',
  status: 200,
  requires: 'multiparty',
  filter: 'processes',
  query,
  reply: page(Process),
})

export const getProcessByID = defineRoute({
  id: 'getProcessByID',
  method: 'GET',
  path: '/processes/:id',
  resource,
  summary: 'Get a process as of its last decision',
  status: 200,
  requires: 'multiparty',
  params,
  reply: Process,
})

export const getProcessDecisions = defineRoute({
  id: 'getProcessDecisions',
  method: 'GET',
  path: '/processes/:id/decisions',
  resource,
  summary: 'List the decisions on a process',
  status: 200,
  requires: 'multiparty',
  params,
  filter: 'decisions',
  query: listQuery('decisions'),
  reply: page(ProcessDecision),
})

export const getProcessDecision = defineRoute({
  id: 'getProcessDecision',
  method: 'GET',
  path: '/processes/:id/decisions/:n',
  resource,
  summary: 'Get a decision by its number',
  status: 200,
  requires: 'multiparty',
  params: pathParams('id', 'n'),
  reply: ProcessDecision,
})

export const getProcessWhy = defineRoute({
  id: 'getProcessWhy',
  method: 'GET',
  path: '/processes/:id/why',
  resource,
  summary: 'Say what a process waits for: who has to join, what is missing, whose turn it is',
  status: 200,
  requires: 'multiparty',
  params,
  reply: ProcessWhy,
})

export const postProcessStep = defineRoute({
  id: 'postProcessStep',
  method: 'POST',
  path: '/processes/:id/steps/:step',
  resource,
  summary:
    'Take a step. Decided, it is 200 if it counts, 409 if another came first, 422 if a rule refuses it; `dryrun` only says what would be decided',
  status: 202,
  confirmed: 200,
  requires: 'multiparty',
  params: pathParams('id', 'step'),
  query: Type.Object({ confirm: flag, dryrun: flag }),
  body: StepInput,
  bodyOptional: true,
  example: { input: { question: 'May we begin?' } },
  raw: ['input'],
  reply: StepAnswer,
})

export const getDecisions = defineRoute({
  id: 'getDecisions',
  method: 'GET',
  path: '/decisions',
  resource,
  summary: 'List the decisions on all processes',
  status: 200,
  requires: 'multiparty',
  filter: 'decisions',
  query: listQuery('decisions'),
  reply: page(ProcessDecision),
})
