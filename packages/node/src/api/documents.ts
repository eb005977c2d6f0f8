import { NodeError } from '@concordat/protocol'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { stringify } from 'yaml'
import type { Namespace } from '../namespace.ts'
import type { Auth } from './auth.ts'
import { openApiDocument } from './openapi.ts'
import { explorerPage } from './page.ts'
import { JSON_TYPE } from './reply.ts'

interface DocumentDeps {
  /** '' for where callers see the node. */
  readonly publicURL: string
  readonly auth: Auth
  readonly getNamespace: (name: string) => Namespace | undefined
}

type Writer = (reply: FastifyReply, server: string, namespaced: boolean) => void

const writeJson: Writer = (reply, server, namespaced) => {
  reply
    .header('content-type', JSON_TYPE)
    .send(JSON.stringify(openApiDocument(server, namespaced), undefined, 2))
}
const writeYaml: Writer = (reply, server, namespaced) => {
  const text = stringify(openApiDocument(server, namespaced), { aliasDuplicateObjects: false })
  reply.header('content-type', 'application/yaml; charset=utf-8').send(text)
}
const writePage: Writer = (reply) => {
  reply
    .header('content-type', 'text/html; charset=utf-8')
    .header(
      'content-security-policy',
      "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'; img-src data:; base-uri 'none'",
    )
    .send(explorerPage)
}

const DOCUMENTS: Readonly<Record<string, Writer>> = {
  '': writePage,
  '/openapi.json': writeJson,
  '/openapi.yaml': writeYaml,
  '/swagger.json': writeJson,
  '/swagger.yaml': writeYaml,
}

/** The OpenAPI documents and the page to try the API: for the whole server, and for each namespace. */
export function addDocuments(app: FastifyInstance, deps: DocumentDeps): void {
  const base = deps.publicURL.replace(/\/$/, '')
  const check = async (request: FastifyRequest): Promise<void> => {
    const { ns } = request.params as { ns?: string }
    await deps.auth.check(request.headers.authorization, ns)
    if (ns !== undefined && !deps.getNamespace(ns))
      throw new NodeError('FF10436', { namespace: ns })
  }
  for (const [path, write] of Object.entries(DOCUMENTS)) {
    app.get(`/api${path}`, { onRequest: check }, (_request, reply) => {
      write(reply, `${base}/api/v1`, false)
    })
    app.get(`/api/v1/namespaces/:ns/api${path}`, { onRequest: check }, (request, reply) => {
      const { ns } = request.params as { ns: string }
      write(reply, `${base}/api/v1/namespaces/${encodeURIComponent(ns)}`, true)
    })
    app.get(`/api/v1/namespaces/:ns/apis/:apiName/api${path}`, { onRequest: check }, (request) => {
      const { ns } = request.params as { ns: string }
      throw new NodeError('CC20004', { namespace: ns, plugin: 'contracts' })
    })
  }
}
