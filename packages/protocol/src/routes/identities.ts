import Type from 'typebox'
import {
  DidDocument,
  Identity,
  IdentityInput,
  IdentityUpdateInput,
  Verifier,
} from '../model/identity.ts'
import { flag, listQuery } from './filters.ts'
import { defineRoute } from './route.ts'
import { page, pathParams } from './schema.ts'

const resource = 'identities'

export const getIdentities = defineRoute({
  id: 'getIdentities',
  method: 'GET',
  path: '/identities',
  resource,
  summary: 'List identities',
  status: 200,
  filter: 'identities',
  query: listQuery('identities', { fetchverifiers: flag }),
  reply: page(Identity),
})

export const postNewIdentity = defineRoute({
  id: 'postNewIdentity',
  method: 'POST',
  path: '/identities',
  resource,
  summary: 'Register an identity',
  status: 202,
  confirmed: 200,
  query: Type.Object({ confirm: flag }),
  body: IdentityInput,
  example: { name: 'shop', parent: 'org_0' },
  reply: Identity,
})

export const getIdentityByID = defineRoute({
  id: 'getIdentityByID',
  method: 'GET',
  path: '/identities/:iid',
  resource,
  summary: 'Get an identity by its id',
  status: 200,
  params: pathParams('iid'),
  query: Type.Object({ fetchverifiers: flag }),
  reply: Identity,
})

export const getIdentityByDID = defineRoute({
  id: 'getIdentityByDID',
  method: 'GET',
  path: '/identities/:did*',
  resource,
  summary: 'Get an identity by its DID',
  status: 200,
  params: pathParams('did'),
  query: Type.Object({ fetchverifiers: flag }),
  reply: Identity,
})

export const patchUpdateIdentity = defineRoute({
  id: 'patchUpdateIdentity',
  method: 'PATCH',
  path: '/identities/:iid',
  resource,
  summary: 'Replace the description and profile of an identity',
  status: 202,
  confirmed: 200,
  params: pathParams('iid'),
  query: Type.Object({ confirm: flag }),
  body: IdentityUpdateInput,
  reply: Identity,
})

export const getIdentityDID = defineRoute({
  id: 'getIdentityDID',
  method: 'GET',
  path: '/identities/:iid/did',
  resource,
  summary: 'Get the DID document of an identity',
  status: 200,
  params: pathParams('iid'),
  reply: DidDocument,
})

export const getIdentityVerifiers = defineRoute({
  id: 'getIdentityVerifiers',
  method: 'GET',
  path: '/identities/:iid/verifiers',
  resource,
  summary: 'List the keys of an identity',
  status: 200,
  params: pathParams('iid'),
  filter: 'verifiers',
  query: listQuery('verifiers'),
  reply: page(Verifier),
})
