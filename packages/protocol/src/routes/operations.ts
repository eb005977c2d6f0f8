import Type from 'typebox'
import { Operation } from '../model/operation.ts'
import { flag, listQuery } from './filters.ts'
import { defineRoute } from './route.ts'
import { NoInput, page, pathParams } from './schema.ts'

const resource = 'operations'

export const getOps = defineRoute({
  id: 'getOps',
  method: 'GET',
  path: '/operations',
  resource,
  summary: 'List operations',
  status: 200,
  filter: 'operations',
  query: listQuery('operations'),
  reply: page(Operation),
})

export const getOpByID = defineRoute({
  id: 'getOpByID',
  method: 'GET',
  path: '/operations/:opid',
  resource,
  summary: 'Get an operation',
  status: 200,
  params: pathParams('opid'),
  query: Type.Object({ fetchstatus: flag }),
  reply: Operation,
})

export const postOpRetry = defineRoute({
  id: 'postOpRetry',
  method: 'POST',
  path: '/operations/:opid/retry',
  resource,
  summary: 'Try a failed operation again, as a new one',
  status: 202,
  params: pathParams('opid'),
  body: NoInput,
  bodyOptional: true,
  reply: Operation,
})
