import type { FastifyInstance } from 'fastify'

/** Which web pages of other origins may call, and how. */
export interface CorsConfig {
  readonly enabled: boolean
  /** `*` for all. */
  readonly origins: readonly string[]
  readonly methods: readonly string[]
  /** `*` for whatever is asked for. */
  readonly headers: readonly string[]
  readonly credentials: boolean
  /** How long a browser may remember, in milliseconds. */
  readonly maxAge: number
}

/** Answers browsers that ask first, and marks replies to the origins that may read them. */
export function addCors(app: FastifyInstance, config: CorsConfig): void {
  if (!config.enabled) return
  const anyOrigin = config.origins.includes('*')
  const anyHeader = config.headers.includes('*')
  app.addHook('onRequest', (request, reply, done) => {
    const { origin } = request.headers
    if (origin === undefined || !(anyOrigin || config.origins.includes(origin))) return done()
    reply.header('access-control-allow-origin', origin).header('vary', 'Origin')
    if (config.credentials) reply.header('access-control-allow-credentials', 'true')
    const asked = request.headers['access-control-request-method']
    if (request.method !== 'OPTIONS' || asked === undefined) return done()
    const wanted = request.headers['access-control-request-headers'] ?? ''
    reply
      .code(204)
      .header('access-control-allow-methods', config.methods.join(', '))
      .header('access-control-allow-headers', anyHeader ? wanted : config.headers.join(', '))
      .header('access-control-max-age', String(Math.floor(config.maxAge / 1000)))
      .send()
  })
}
