import Type from 'typebox'
import { Data } from '../model/data.ts'
import { Message } from '../model/message.ts'
import { listQuery } from './filters.ts'
import { defineRoute } from './route.ts'
import { Nothing, page, part, pathParams, text, userJson, uuid } from './schema.ts'

const resource = 'data'
const params = pathParams('dataid')
const publishBody = Type.Object({ idempotencyKey: text })

export const getData = defineRoute({
  id: 'getData',
  method: 'GET',
  path: '/data',
  resource,
  summary: 'List data',
  status: 200,
  filter: 'data',
  query: listQuery('data'),
  reply: page(Data),
})

export const postData = defineRoute({
  id: 'postData',
  method: 'POST',
  path: '/data',
  resource,
  summary: 'Upload a JSON value, or a file as multipart form (fields before the file)',
  status: 201,
  body: Type.Object({
    id: uuid,
    validator: text,
    datatype: part(Type.Object({ name: text, version: text })),
    value: userJson,
  }),
  example: { value: { colour: 'red' } },
  raw: ['value'],
  multipart: true,
  reply: Data,
})

export const getDataByID = defineRoute({
  id: 'getDataByID',
  method: 'GET',
  path: '/data/:dataid',
  resource,
  summary: 'Get a piece of data',
  status: 200,
  params,
  reply: Data,
})

export const deleteData = defineRoute({
  id: 'deleteData',
  method: 'DELETE',
  path: '/data/:dataid',
  resource,
  summary: 'Delete a piece of data, and its blob, from this node',
  status: 204,
  params,
  reply: Nothing,
  writes: 'nothing',
})

export const getDataBlob = defineRoute({
  id: 'getDataBlob',
  method: 'GET',
  path: '/data/:dataid/blob',
  resource,
  summary: 'Download a blob',
  status: 200,
  params,
  reply: Type.Unsafe<Uint8Array>({ type: 'string', format: 'binary' }),
  writes: 'bytes',
})

export const getDataValue = defineRoute({
  id: 'getDataValue',
  method: 'GET',
  path: '/data/:dataid/value',
  resource,
  summary: 'Get the JSON value of a piece of data, as it was written',
  status: 200,
  params,
  reply: Type.Unknown(),
})

export const getDataMsgs = defineRoute({
  id: 'getDataMsgs',
  method: 'GET',
  path: '/data/:dataid/messages',
  resource,
  summary: 'List the messages that carry a piece of data',
  status: 200,
  params,
  filter: 'messages',
  query: listQuery('messages'),
  reply: page(Message),
})

export const postDataBlobPublish = defineRoute({
  id: 'postDataBlobPublish',
  method: 'POST',
  path: '/data/:dataid/blob/publish',
  resource,
  summary: 'Put a blob in shared storage',
  status: 200,
  requires: 'multiparty',
  params,
  body: publishBody,
  bodyOptional: true,
  reply: Data,
})

export const postDataValuePublish = defineRoute({
  id: 'postDataValuePublish',
  method: 'POST',
  path: '/data/:dataid/value/publish',
  resource,
  summary: 'Put a value in shared storage',
  status: 200,
  requires: 'multiparty',
  params,
  body: publishBody,
  bodyOptional: true,
  reply: Data,
})

export const getDataSubPaths = defineRoute({
  id: 'getDataSubPaths',
  method: 'GET',
  path: '/datasubpaths/:parent*',
  resource,
  summary: 'List the folders below a blob path',
  status: 200,
  params: pathParams('parent'),
  reply: Type.Array(Type.String()),
})
