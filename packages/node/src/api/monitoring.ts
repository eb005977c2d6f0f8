import { NodeError } from '@concordat/protocol'
import Fastify, { type RawServerDefault } from 'fastify'
import type { Namespace } from '../namespace.ts'
import type { Auth } from './auth.ts'
import { addHealth } from './health.ts'
import type { Metrics } from './metrics.ts'
import { sendError } from './reply.ts'
import type { ApiServer } from './server.ts'
import { httpsOption, type ServerTls } from './tls.ts'

export interface MonitoringDeps {
  readonly metrics: Metrics
  readonly namespaces: () => Iterable<Namespace>
  readonly auth: Auth
  /** `/metrics` unless configured otherwise. */
  readonly metricsPath: string
  readonly tls?: ServerTls | undefined
}

/** Metrics for Prometheus, `/livez` and `/readyz`, on a port of their own. Health needs no credentials. */
export function createMonitoringServer(deps: MonitoringDeps): ApiServer {
  const { metrics, auth, metricsPath } = deps
  const app = Fastify<RawServerDefault>({
    ...httpsOption(deps.tls),
    logger: false,
    forceCloseConnections: true,
  })
  app.setErrorHandler((error, _request, reply) => sendError(reply, error))
  app.setNotFoundHandler((_request, reply) => sendError(reply, new NodeError('FF10109')))
  app.get(
    metricsPath,
    { onRequest: async (request) => auth.check(request.headers.authorization, undefined) },
    async (_request, reply) => {
      reply.header('content-type', metrics.registry.contentType)
      return metrics.registry.metrics()
    },
  )
  addHealth(app, deps)
  return {
    app,
    listen: (address) => app.listen(address),
    [Symbol.asyncDispose]: () => app.close(),
  }
}
