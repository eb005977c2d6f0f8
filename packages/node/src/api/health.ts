import type { FastifyInstance } from 'fastify'
import type { Namespace } from '../namespace.ts'
import { JSON_TYPE } from './reply.ts'

/** `/livez`: the process answers. `/readyz`: every namespace is ready; else 503, and which is not. */
export function addHealth(
  app: FastifyInstance,
  { namespaces }: { readonly namespaces: () => Iterable<Namespace> },
): void {
  app.get('/livez', (_request, reply) => {
    reply.header('content-type', JSON_TYPE).send('{"status":"live"}')
  })
  app.get('/readyz', (_request, reply) => {
    const waiting = [...namespaces()].filter(({ state }) => state.kind !== 'ready')
    const states = Object.fromEntries(waiting.map(({ name, state }) => [name, state.kind]))
    const body =
      waiting.length === 0 ? { status: 'ready' } : { status: 'not ready', namespaces: states }
    reply
      .code(waiting.length === 0 ? 200 : 503)
      .header('content-type', JSON_TYPE)
      .send(JSON.stringify(body))
  })
}
