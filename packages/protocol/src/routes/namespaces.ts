import Type from 'typebox'
import { NamespaceSummary } from '../model/status.ts'
import { flag } from './filters.ts'
import { defineRoute } from './route.ts'
import { pathParams } from './schema.ts'

const resource = 'namespaces'

export const getNamespaces = defineRoute({
  id: 'getNamespaces',
  method: 'GET',
  path: '/namespaces',
  resource,
  summary: 'List the namespaces of this node',
  status: 200,
  global: true,
  query: Type.Object({ includeinitializing: flag }),
  reply: Type.Array(NamespaceSummary),
})

export const getNamespace = defineRoute({
  id: 'getNamespace',
  method: 'GET',
  path: '/namespaces/:ns',
  resource,
  summary: 'Get a namespace',
  status: 200,
  global: true,
  params: pathParams('ns'),
  reply: NamespaceSummary,
})
