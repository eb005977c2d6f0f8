import Type from 'typebox'
import { flag, listQuery } from './filters.ts'
import { defineRoute } from './route.ts'
import { Nothing, page, pathParams } from './schema.ts'

const resource = 'contracts'

export const postContractDeploy = defineRoute({
  id: 'postContractDeploy',
  method: 'POST',
  path: '/contracts/deploy',
  resource,
  summary: 'Deploy a contract',
  status: 202,
  confirmed: 200,
  requires: 'contracts',
  query: Type.Object({ confirm: flag }),
  body: Type.Record(Type.String(), Type.Unknown()),
  reply: Type.Record(Type.String(), Type.Unknown()),
})

export const getContractInterfaces = defineRoute({
  id: 'getContractInterfaces',
  method: 'GET',
  path: '/contracts/interfaces',
  resource,
  summary: 'List contract interfaces',
  status: 200,
  requires: 'contracts',
  filter: 'interfaces',
  query: listQuery('interfaces'),
  reply: page(Type.Record(Type.String(), Type.Unknown())),
})

export const postNewContractInterface = defineRoute({
  id: 'postNewContractInterface',
  method: 'POST',
  path: '/contracts/interfaces',
  resource,
  summary: 'Define a contract interface',
  status: 200,
  requires: 'contracts',
  query: Type.Object({ confirm: flag, publish: flag }),
  body: Type.Record(Type.String(), Type.Unknown()),
  reply: Type.Record(Type.String(), Type.Unknown()),
})

export const postGenerateContractInterface = defineRoute({
  id: 'postGenerateContractInterface',
  method: 'POST',
  path: '/contracts/interfaces/generate',
  resource,
  summary: 'Make a contract interface from the chain’s own description',
  status: 200,
  requires: 'contracts',
  body: Type.Record(Type.String(), Type.Unknown()),
  reply: Type.Record(Type.String(), Type.Unknown()),
})

export const deleteContractInterface = defineRoute({
  id: 'deleteContractInterface',
  method: 'DELETE',
  path: '/contracts/interfaces/:interfaceId',
  resource,
  summary: 'Delete an unpublished contract interface',
  status: 204,
  requires: 'contracts',
  params: pathParams('interfaceId'),
  reply: Nothing,
  writes: 'nothing',
})

export const getContractInterface = defineRoute({
  id: 'getContractInterface',
  method: 'GET',
  path: '/contracts/interfaces/:interfaceId',
  resource,
  summary: 'Get a contract interface',
  status: 200,
  requires: 'contracts',
  params: pathParams('interfaceId'),
  query: Type.Object({ fetchchildren: flag }),
  reply: Type.Record(Type.String(), Type.Unknown()),
})

export const getContractInterfaceByNameAndVersion = defineRoute({
  id: 'getContractInterfaceByNameAndVersion',
  method: 'GET',
  path: '/contracts/interfaces/:name/:version',
  resource,
  summary: 'Get a contract interface by name and version',
  status: 200,
  requires: 'contracts',
  params: pathParams('name', 'version'),
  query: Type.Object({ fetchchildren: flag }),
  reply: Type.Record(Type.String(), Type.Unknown()),
})

export const postContractInterfacePublish = defineRoute({
  id: 'postContractInterfacePublish',
  method: 'POST',
  path: '/contracts/interfaces/:name/:version/publish',
  resource,
  summary: 'Publish a contract interface to the network',
  status: 202,
  confirmed: 200,
  requires: 'contracts',
  params: pathParams('name', 'version'),
  query: Type.Object({ confirm: flag }),
  body: Type.Record(Type.String(), Type.Unknown()),
  bodyOptional: true,
  reply: Type.Record(Type.String(), Type.Unknown()),
})

export const postContractInvoke = defineRoute({
  id: 'postContractInvoke',
  method: 'POST',
  path: '/contracts/invoke',
  resource,
  summary: 'Invoke a contract',
  status: 202,
  confirmed: 200,
  requires: 'contracts',
  query: Type.Object({ confirm: flag }),
  body: Type.Record(Type.String(), Type.Unknown()),
  reply: Type.Record(Type.String(), Type.Unknown()),
})

export const getContractListeners = defineRoute({
  id: 'getContractListeners',
  method: 'GET',
  path: '/contracts/listeners',
  resource,
  summary: 'List contract listeners',
  status: 200,
  requires: 'contracts',
  filter: 'listeners',
  query: listQuery('listeners'),
  reply: page(Type.Record(Type.String(), Type.Unknown())),
})

export const postNewContractListener = defineRoute({
  id: 'postNewContractListener',
  method: 'POST',
  path: '/contracts/listeners',
  resource,
  summary: 'Listen to contract events',
  status: 200,
  requires: 'contracts',
  body: Type.Record(Type.String(), Type.Unknown()),
  reply: Type.Record(Type.String(), Type.Unknown()),
})

export const postContractListenerSignature = defineRoute({
  id: 'postContractListenerSignature',
  method: 'POST',
  path: '/contracts/listeners/signature',
  resource,
  summary: 'Get the signature a listener would have',
  status: 200,
  requires: 'contracts',
  body: Type.Record(Type.String(), Type.Unknown()),
  reply: Type.Record(Type.String(), Type.Unknown()),
})

export const deleteContractListener = defineRoute({
  id: 'deleteContractListener',
  method: 'DELETE',
  path: '/contracts/listeners/:nameOrId',
  resource,
  summary: 'Delete a contract listener',
  status: 204,
  requires: 'contracts',
  params: pathParams('nameOrId'),
  reply: Nothing,
  writes: 'nothing',
})

export const getContractListenerByNameOrID = defineRoute({
  id: 'getContractListenerByNameOrID',
  method: 'GET',
  path: '/contracts/listeners/:nameOrId',
  resource,
  summary: 'Get a contract listener',
  status: 200,
  requires: 'contracts',
  params: pathParams('nameOrId'),
  query: Type.Object({ fetchstatus: flag }),
  reply: Type.Record(Type.String(), Type.Unknown()),
})

export const postContractQuery = defineRoute({
  id: 'postContractQuery',
  method: 'POST',
  path: '/contracts/query',
  resource,
  summary: 'Query a contract',
  status: 200,
  requires: 'contracts',
  body: Type.Record(Type.String(), Type.Unknown()),
  reply: Type.Record(Type.String(), Type.Unknown()),
})
