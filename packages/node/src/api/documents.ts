import type { FastifyInstance } from 'fastify'
import type { Namespace } from '../namespace.ts'
import type { Auth } from './auth.ts'

interface DocumentDeps {
  readonly publicURL: string
  readonly auth: Auth
  readonly getNamespace: (name: string) => Namespace | undefined
}

export function addDocuments(_app: FastifyInstance, _deps: DocumentDeps): void {}
