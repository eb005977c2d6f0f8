import { NodeError } from '@concordat/protocol'
import type { Route } from '@concordat/protocol/routes'
import type { FastifyInstance, FastifyRequest } from 'fastify'

const YAML_TYPES = ['application/yaml', 'application/x-yaml', 'text/yaml']

const LINE_TYPES: Readonly<Record<string, 'jsonl' | 'csv'>> = {
  'application/x-ndjson': 'jsonl',
  'application/jsonl': 'jsonl',
  'text/csv': 'csv',
}

/** How a body of lines is written; undefined if it is no such body. Its route's handler reads it. */
export const linesFormat = (request: FastifyRequest): 'jsonl' | 'csv' | undefined =>
  LINE_TYPES[contentType(request)]

/** Whether the body is YAML: its route's handler reads it. */
export const isYaml = (request: FastifyRequest): boolean =>
  YAML_TYPES.includes(contentType(request))

/**
 * Bodies come as text (parsed where the route is known). Form fields and plain text are taken as a body without input, as
 * FireFly does; a multipart form is left to the route that takes one.
 */
export function addContentTypes(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) =>
    done(null, body),
  )
  app.addContentTypeParser(
    ['application/x-www-form-urlencoded', 'text/plain'],
    { parseAs: 'string' },
    (_request, _body, done) => done(null, '{}'),
  )
  app.addContentTypeParser(YAML_TYPES, { parseAs: 'string' }, (_request, body, done) =>
    done(null, body),
  )
  app.addContentTypeParser('*', (_request, _payload, done) => done(null, undefined))
}

/** Refuses, before anything of the body is read, what the route doesn't take. */
export function checkContentType(
  request: FastifyRequest,
  { multipart, yaml, lines }: Pick<Route, 'multipart' | 'yaml' | 'lines'>,
): void {
  const type = contentType(request)
  if (yaml && YAML_TYPES.includes(type)) return
  if (lines && LINE_TYPES[type] !== undefined) return
  switch (type) {
    case 'application/json':
    case 'application/x-www-form-urlencoded':
    case 'text/plain':
      return
    case 'multipart/form-data':
      if (multipart) return
      break
    default:
  }
  throw new NodeError('FF00162', { type: type === '' ? 'none' : type })
}

function contentType(request: FastifyRequest): string {
  const header = request.headers['content-type'] ?? ''
  const cut = header.indexOf(';')
  return (cut === -1 ? header : header.slice(0, cut)).trim().toLowerCase()
}
