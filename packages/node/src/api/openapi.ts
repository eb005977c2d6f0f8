import { FlowFault, ProcessDecision } from '@concordat/protocol'
import { type Route, routes } from '@concordat/protocol/routes'
import type { TSchema } from 'typebox'

type Json = Record<string, unknown>

/** The OpenAPI 3.1 document of every route, or of those below a namespace; `server` is the base of its paths. */
export function openApiDocument(server: string, namespaced: boolean): Json {
  const paths: Record<string, Json> = {}
  for (const route of routes) {
    if (namespaced && route.global) continue
    const path = route.path.replace(/:(\w+)\*?/g, '{$1}')
    const operations = paths[path] ?? {}
    operations[route.method.toLowerCase()] = operation(route)
    paths[path] = operations
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Concordat',
      version: '1.0',
      description:
        'Parties exchange messages in one agreed order, and reach the same verdict on every step of their processes.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: server }],
    paths,
    components: { schemas: { Error: errorSchema } },
  }
}

const errorSchema = {
  type: 'object',
  required: ['error'],
  properties: {
    error: { type: 'string', description: 'A code and a text: `FF10109: Not found`' },
    details: { type: 'object' },
    decision: ProcessDecision,
    faults: { type: 'array', items: FlowFault },
    warnings: { type: 'array', items: FlowFault },
  },
}

function operation(route: Route): Json {
  const parameters = [
    ...fields(route.params, 'path'),
    ...fields(route.query, 'query'),
    {
      name: 'Request-Timeout',
      in: 'header',
      description: 'A duration such as `30s`, or seconds',
      schema: { type: 'string', default: '2m0s' },
    },
  ]
  return {
    operationId: route.id,
    summary: route.summary,
    tags: [route.resource],
    parameters,
    ...(route.body && { requestBody: requestBody(route) }),
    responses: {
      [route.status]: reply(route),
      ...(route.confirmed && { [route.confirmed]: reply(route) }),
      default: {
        description: 'An error',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    },
  }
}

function fields(schema: TSchema | undefined, where: 'path' | 'query'): Json[] {
  const { properties = {} } = (schema ?? {}) as { properties?: Readonly<Record<string, object>> }
  return Object.entries(properties).map(([name, field]) => ({
    name,
    in: where,
    ...(where === 'path' && { required: true }),
    schema: field,
  }))
}

function requestBody(route: Route): Json {
  return {
    required: !route.bodyOptional,
    content: {
      'application/json': {
        schema: route.body,
        ...(route.example && { example: route.example }),
      },
      ...(route.yaml && { 'application/yaml': { schema: { type: 'string' } } }),
      ...(route.lines && {
        'application/x-ndjson': { schema: { type: 'string' } },
        'text/csv': { schema: { type: 'string' } },
      }),
      ...(route.multipart && { 'multipart/form-data': { schema: formSchema } }),
    },
  }
}

const formSchema = {
  type: 'object',
  properties: {
    autometa: { type: 'string', description: '`true` adds filename and mimetype to the value' },
    metadata: { type: 'string', description: 'The value: JSON, or a text' },
    validator: { type: 'string' },
    'datatype.name': { type: 'string' },
    'datatype.version': { type: 'string' },
    file: { type: 'string', format: 'binary' },
  },
}

function reply({ writes, reply: schema, summary, media }: Route): Json {
  if (writes === 'nothing') return { description: 'Done' }
  const types = media ?? [writes === 'bytes' ? 'application/octet-stream' : 'application/json']
  const content = Object.fromEntries(types.map((type) => [type, { schema }]))
  return { description: summary, content }
}
