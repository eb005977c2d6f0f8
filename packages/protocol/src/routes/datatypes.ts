import Type from 'typebox'
import { Datatype } from '../model/data.ts'
import { flag, listQuery } from './filters.ts'
import { defineRoute } from './route.ts'
import { page, pathParams, text, userJson } from './schema.ts'

const resource = 'datatypes'

export const getDatatypes = defineRoute({
  id: 'getDatatypes',
  method: 'GET',
  path: '/datatypes',
  resource,
  summary: 'List datatypes',
  status: 200,
  filter: 'datatypes',
  query: listQuery('datatypes'),
  reply: page(Datatype),
})

export const postNewDatatype = defineRoute({
  id: 'postNewDatatype',
  method: 'POST',
  path: '/datatypes',
  resource,
  summary: 'Define a datatype for the network by its JSON Schema',
  status: 202,
  confirmed: 200,
  requires: 'multiparty',
  query: Type.Object({ confirm: flag }),
  body: Type.Object({ name: text, version: text, validator: text, value: userJson }),
  example: { name: 'widget', version: '1', value: { type: 'object', required: ['colour'] } },
  raw: ['value'],
  reply: Datatype,
})

export const getDatatypeByName = defineRoute({
  id: 'getDatatypeByName',
  method: 'GET',
  path: '/datatypes/:name/:version',
  resource,
  summary: 'Get a datatype',
  status: 200,
  params: pathParams('name', 'version'),
  reply: Datatype,
})
