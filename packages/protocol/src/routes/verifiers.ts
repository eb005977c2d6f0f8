import Type from 'typebox'
import { Verifier, VerifierRef } from '../model/identity.ts'
import { listQuery } from './filters.ts'
import { defineRoute } from './route.ts'
import { page, pathParams, text } from './schema.ts'

const resource = 'verifiers'

export const getVerifiers = defineRoute({
  id: 'getVerifiers',
  method: 'GET',
  path: '/verifiers',
  resource,
  summary: 'List verifiers: the keys of identities',
  status: 200,
  filter: 'verifiers',
  query: listQuery('verifiers'),
  reply: page(Verifier),
})

export const getVerifierByID = defineRoute({
  id: 'getVerifierByID',
  method: 'GET',
  path: '/verifiers/:hash',
  resource,
  summary: 'Get a verifier',
  status: 200,
  params: pathParams('hash'),
  reply: Verifier,
})

export const postVerifiersResolve = defineRoute({
  id: 'postVerifiersResolve',
  method: 'POST',
  path: '/verifiers/resolve',
  resource,
  summary: 'Bring a key into the form that verifiers have',
  status: 200,
  body: Type.Object({ type: text, value: text }),
  reply: VerifierRef,
})
