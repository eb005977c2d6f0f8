import Type from 'typebox'
import { flag, listQuery } from './filters.ts'
import { defineRoute } from './route.ts'
import { Nothing, page, pathParams } from './schema.ts'

const resource = 'apis'

export const getContractAPIs = defineRoute({
  id: 'getContractAPIs',
  method: 'GET',
  path: '/apis',
  resource,
  summary: 'List contract APIs',
  status: 200,
  requires: 'contracts',
  filter: 'apis',
  query: listQuery('apis'),
  reply: page(Type.Record(Type.String(), Type.Unknown())),
})

export const postNewContractAPI = defineRoute({
  id: 'postNewContractAPI',
  method: 'POST',
  path: '/apis',
  resource,
  summary: 'Create a contract API',
  status: 202,
  confirmed: 200,
  requires: 'contracts',
  query: Type.Object({ confirm: flag, publish: flag }),
  body: Type.Record(Type.String(), Type.Unknown()),
  reply: Type.Record(Type.String(), Type.Unknown()),
})

export const putContractAPI = defineRoute({
  id: 'putContractAPI',
  method: 'PUT',
  path: '/apis/:id',
  resource,
  summary: 'Replace a contract API',
  status: 202,
  confirmed: 200,
  requires: 'contracts',
  params: pathParams('id'),
  query: Type.Object({ confirm: flag }),
  body: Type.Record(Type.String(), Type.Unknown()),
  reply: Type.Record(Type.String(), Type.Unknown()),
})

export const deleteContractAPI = defineRoute({
  id: 'deleteContractAPI',
  method: 'DELETE',
  path: '/apis/:apiName',
  resource,
  summary: 'Delete an unpublished contract API',
  status: 204,
  requires: 'contracts',
  params: pathParams('apiName'),
  reply: Nothing,
  writes: 'nothing',
})

export const getContractAPIByName = defineRoute({
  id: 'getContractAPIByName',
  method: 'GET',
  path: '/apis/:apiName',
  resource,
  summary: 'Get a contract API',
  status: 200,
  requires: 'contracts',
  params: pathParams('apiName'),
  reply: Type.Record(Type.String(), Type.Unknown()),
})

export const getContractAPIInterface = defineRoute({
  id: 'getContractAPIInterface',
  method: 'GET',
  path: '/apis/:apiName/interface',
  resource,
  summary: 'Get the interface of a contract API',
  status: 200,
  requires: 'contracts',
  params: pathParams('apiName'),
  reply: Type.Record(Type.String(), Type.Unknown()),
})

export const postContractAPIInvoke = defineRoute({
  id: 'postContractAPIInvoke',
  method: 'POST',
  path: '/apis/:apiName/invoke/:methodPath',
  resource,
  summary: 'Invoke a method of a contract API',
  status: 202,
  confirmed: 200,
  requires: 'contracts',
  params: pathParams('apiName', 'methodPath'),
  query: Type.Object({ confirm: flag }),
  body: Type.Record(Type.String(), Type.Unknown()),
  reply: Type.Record(Type.String(), Type.Unknown()),
})

export const postContractAPIQuery = defineRoute({
  id: 'postContractAPIQuery',
  method: 'POST',
  path: '/apis/:apiName/query/:methodPath',
  resource,
  summary: 'Query a method of a contract API',
  status: 200,
  requires: 'contracts',
  params: pathParams('apiName', 'methodPath'),
  body: Type.Record(Type.String(), Type.Unknown()),
  reply: Type.Record(Type.String(), Type.Unknown()),
})

export const getContractAPIListeners = defineRoute({
  id: 'getContractAPIListeners',
  method: 'GET',
  path: '/apis/:apiName/listeners/:eventPath',
  resource,
  summary: 'List listeners of a contract API',
  status: 200,
  requires: 'contracts',
  params: pathParams('apiName', 'eventPath'),
  filter: 'listeners',
  query: listQuery('listeners'),
  reply: page(Type.Record(Type.String(), Type.Unknown())),
})

export const postContractAPIListeners = defineRoute({
  id: 'postContractAPIListeners',
  method: 'POST',
  path: '/apis/:apiName/listeners/:eventPath',
  resource,
  summary: 'Listen to an event of a contract API',
  status: 200,
  requires: 'contracts',
  params: pathParams('apiName', 'eventPath'),
  body: Type.Record(Type.String(), Type.Unknown()),
  reply: Type.Record(Type.String(), Type.Unknown()),
})

export const postContractAPIPublish = defineRoute({
  id: 'postContractAPIPublish',
  method: 'POST',
  path: '/apis/:apiName/publish',
  resource,
  summary: 'Publish a contract API to the network',
  status: 202,
  confirmed: 200,
  requires: 'contracts',
  params: pathParams('apiName'),
  query: Type.Object({ confirm: flag }),
  body: Type.Record(Type.String(), Type.Unknown()),
  bodyOptional: true,
  reply: Type.Record(Type.String(), Type.Unknown()),
})
