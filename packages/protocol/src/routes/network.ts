import Type from 'typebox'
import { DidDocument, Identity, IdentityInput } from '../model/identity.ts'
import { flag, listQuery } from './filters.ts'
import { defineRoute } from './route.ts'
import { NoInput, page, pathParams, text } from './schema.ts'

const resource = 'network'

export const postNetworkAction = defineRoute({
  id: 'postNetworkAction',
  method: 'POST',
  path: '/network/action',
  resource,
  summary: 'Ask the network for an action, such as a change of contract',
  status: 202,
  requires: 'multiparty',
  body: Type.Object({ type: text }),
  reply: Type.Object({ type: Type.String() }),
})

export const getNetworkDIDDocByDID = defineRoute({
  id: 'getNetworkDIDDocByDID',
  method: 'GET',
  path: '/network/diddocs/:did*',
  resource,
  summary: 'Get the DID document of a DID',
  status: 200,
  params: pathParams('did'),
  reply: DidDocument,
})

export const getNetworkIdentities = defineRoute({
  id: 'getNetworkIdentities',
  method: 'GET',
  path: '/network/identities',
  resource,
  summary: 'List the identities of the network',
  status: 200,
  filter: 'identities',
  query: listQuery('identities', { fetchverifiers: flag }),
  reply: page(Identity),
})

export const getNetworkIdentityByDID = defineRoute({
  id: 'getNetworkIdentityByDID',
  method: 'GET',
  path: '/network/identities/:did*',
  resource,
  summary: 'Get an identity of the network by its DID',
  status: 200,
  params: pathParams('did'),
  query: Type.Object({ fetchverifiers: flag }),
  reply: Identity,
})

export const getNetworkNodes = defineRoute({
  id: 'getNetworkNodes',
  method: 'GET',
  path: '/network/nodes',
  resource,
  summary: 'List the nodes of the network',
  status: 200,
  filter: 'identities',
  query: listQuery('identities'),
  reply: page(Identity),
})

export const getNetworkNode = defineRoute({
  id: 'getNetworkNode',
  method: 'GET',
  path: '/network/nodes/:nameOrId*',
  resource,
  summary: 'Get a node',
  status: 200,
  params: pathParams('nameOrId'),
  reply: Identity,
})

export const postNodesSelf = defineRoute({
  id: 'postNodesSelf',
  method: 'POST',
  path: '/network/nodes/self',
  resource,
  summary: 'Register this node',
  status: 202,
  confirmed: 200,
  requires: 'multiparty',
  query: Type.Object({ confirm: flag }),
  body: NoInput,
  bodyOptional: true,
  reply: Identity,
})

export const getNetworkOrgs = defineRoute({
  id: 'getNetworkOrgs',
  method: 'GET',
  path: '/network/organizations',
  resource,
  summary: 'List the organisations of the network',
  status: 200,
  filter: 'identities',
  query: listQuery('identities'),
  reply: page(Identity),
})

export const getNetworkOrg = defineRoute({
  id: 'getNetworkOrg',
  method: 'GET',
  path: '/network/organizations/:nameOrId*',
  resource,
  summary: 'Get an organisation',
  status: 200,
  params: pathParams('nameOrId'),
  reply: Identity,
})

export const postNewOrganization = defineRoute({
  id: 'postNewOrganization',
  method: 'POST',
  path: '/network/organizations',
  resource,
  summary: 'Register an organisation',
  status: 202,
  confirmed: 200,
  requires: 'multiparty',
  query: Type.Object({ confirm: flag }),
  body: IdentityInput,
  reply: Identity,
})

export const postNewOrganizationSelf = defineRoute({
  id: 'postNewOrganizationSelf',
  method: 'POST',
  path: '/network/organizations/self',
  resource,
  summary: 'Register this node’s own organisation',
  status: 202,
  confirmed: 200,
  requires: 'multiparty',
  query: Type.Object({ confirm: flag }),
  body: NoInput,
  bodyOptional: true,
  reply: Identity,
})
