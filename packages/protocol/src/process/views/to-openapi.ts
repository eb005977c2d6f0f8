import type { LoadedDefinition, LoadedStep } from '../definition/loaded.ts'
import type { ProfileSchema } from '../schema/types.ts'
import type { Json, JsonMap } from '../values/value.ts'
import { publicSchema } from './public-schema.ts'

/**
 * The OpenAPI 3.1 document of the processes of one definition: begin one, look at one, and a route for each step with
 * its own input. `server` is the base of a namespace: `http://host/api/v1/namespaces/default`.
 */
export function toOpenApi(definition: LoadedDefinition, server: string): JsonMap {
  const { document, hash, steps } = definition
  const { name, version, title = name, description = '' } = document
  const paths: Record<string, Json> = {
    '/processes': { post: beginning(definition) },
    '/processes/{id}': { parameters: [idParameter], get: looking(definition) },
  }
  for (const step of steps.values()) {
    paths[`/processes/{id}/steps/${step.name}`] = { parameters: [idParameter], post: taking(step) }
  }
  return {
    openapi: '3.1.0',
    info: { title, version, description, 'x-definition': hash },
    servers: [{ url: server }],
    paths,
    components: {
      schemas: {
        Error: errorSchema,
        Decision: decisionSchema,
        Answer: answerSchema,
        Process: processSchema(definition),
      },
    },
  }
}

const idParameter = {
  name: 'id',
  in: 'path',
  required: true,
  schema: { type: 'string', format: 'uuid' },
}
const confirm = {
  name: 'confirm',
  in: 'query',
  description: 'Answer once it is decided.',
  schema: { type: 'boolean', default: false },
}
const errorSchema = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'string',
      description: 'A code and a text: `CC21004: Process … takes no steps`',
    },
    details: { type: 'object' },
    decision: { $ref: '#/components/schemas/Decision' },
  },
}
const decisionSchema = {
  type: 'object',
  required: ['n', 'verdict'],
  properties: {
    n: { type: 'integer', description: 'Number of the decision' },
    verdict: { enum: ['accepted', 'rejected', 'void', 'timeout'] },
    step: { type: 'string' },
    role: { type: 'string' },
    author: { type: 'string' },
    message: { type: 'string', format: 'uuid' },
    code: { type: 'string', description: 'Why not; `CONFLICT` if another came first' },
    rule: { type: 'string', description: 'With `CONFLICT`: what it would have been refused for' },
    winner: {
      type: 'object',
      description: 'With `CONFLICT`: the decision that came first',
      properties: {
        n: { type: 'integer' },
        step: { type: 'string' },
        author: { type: 'string' },
        deadline: { type: 'string' },
      },
    },
    output: { type: 'object' },
  },
}
const answerSchema = {
  type: 'object',
  required: ['process', 'step'],
  properties: {
    process: { type: 'string', format: 'uuid' },
    step: { type: 'string' },
    intent: { type: 'string' },
    message: { type: 'string', format: 'uuid' },
    decision: { $ref: '#/components/schemas/Decision' },
  },
}

const body = (schema: Json): JsonMap => ({
  required: true,
  content: { 'application/json': { schema } },
})
const reply = (description: string, name: string): JsonMap => ({
  description,
  content: { 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } },
})

function beginning({ document, hash, roles }: LoadedDefinition): JsonMap {
  const parties = Object.fromEntries(
    roles.map((role) => {
      const { one, min = 1, max } = document.roles[role] ?? {}
      const most = one === true ? 1 : max
      const limits = { minItems: min, ...(most === undefined ? {} : { maxItems: most }) }
      const list = { type: 'array', items: { type: 'string' }, ...limits }
      return [role, min > 1 ? list : { anyOf: [{ type: 'string' }, list] }]
    }),
  )
  return {
    operationId: 'createProcess',
    summary: 'Begin a process',
    parameters: [confirm],
    requestBody: body({
      type: 'object',
      required: ['flow', 'parties'],
      properties: {
        id: { type: 'string', format: 'uuid', description: 'The same again is the same process' },
        flow: { const: hash },
        parties: {
          type: 'object',
          description: 'Organisations by role: names, ids or DIDs',
          required: roles,
          properties: parties,
        },
      },
    }),
    responses: {
      '200': reply('It has begun', 'Process'),
      '202': reply('It will begin', 'Process'),
      default: reply('An error', 'Error'),
    },
  }
}

const looking = ({ document }: LoadedDefinition): JsonMap => ({
  operationId: 'getProcess',
  summary: `Look at one ${document.title ?? document.name}`,
  responses: { '200': reply('The process', 'Process'), default: reply('An error', 'Error') },
})

function processSchema({ fields, tracks }: LoadedDefinition): JsonMap {
  const since = { type: 'string', format: 'date-time' }
  const stages = [...tracks.values()].map(
    ({ name, values }) =>
      [name, { type: 'object', properties: { stage: { enum: values }, since } }] as const,
  )
  const state = [...fields.values()].map(
    ({ name, schema }) => [name, { anyOf: [publicSchema(schema), { type: 'null' }] }] as const,
  )
  return {
    type: 'object',
    properties: {
      id: { type: 'string', format: 'uuid' },
      stages: { type: 'object', properties: Object.fromEntries(stages) },
      state: { type: 'object', properties: Object.fromEntries(state) },
    },
  }
}

function taking({ name, by, guards, input, document }: LoadedStep): JsonMap {
  const codes = guards.map(({ code, message }) =>
    message === undefined ? `- \`${code}\`` : `- \`${code}\`: ${message}`,
  )
  const roles = [...by]
  const rules =
    codes.length === 0 ? [] : ['It is refused with one of these codes:', codes.join('\n')]
  const description = [document.help ?? '', `For: ${roles.join(', ')}.`, ...rules]
  return {
    operationId: name,
    summary: document.title ?? name,
    description: description.filter((text) => text !== '').join('\n\n'),
    parameters: [confirm],
    requestBody: body({
      type: 'object',
      required: needsInput(input) ? ['input'] : [],
      properties: {
        input: publicSchema(input),
        role: { enum: roles, description: 'Needed only by a party of several roles' },
        intent: { type: 'string', maxLength: 256, description: 'Sent twice, it counts once' },
        expect: {
          type: 'object',
          description: 'Refuse the step if anything was decided after this',
          required: ['n'],
          properties: { n: { type: 'integer', minimum: 0 } },
        },
      },
    }),
    responses: {
      '200': reply('Accepted', 'Answer'),
      '202': reply('Sent, not decided yet', 'Answer'),
      '409': reply('Lost against a step that came first', 'Error'),
      '422': reply('Refused by a rule', 'Error'),
      default: reply('An error', 'Error'),
    },
  }
}

const needsInput = (input: ProfileSchema): boolean =>
  typeof input === 'object' && (input.required ?? []).length > 0
