import { Batch } from '../model/batch.ts'
import { listQuery } from './filters.ts'
import { defineRoute } from './route.ts'
import { NoInput, Nothing, page, pathParams } from './schema.ts'

const resource = 'batches'

export const getBatches = defineRoute({
  id: 'getBatches',
  method: 'GET',
  path: '/batches',
  resource,
  summary: 'List batches',
  status: 200,
  filter: 'batches',
  query: listQuery('batches'),
  reply: page(Batch),
})

export const getBatchByID = defineRoute({
  id: 'getBatchByID',
  method: 'GET',
  path: '/batches/:batchid',
  resource,
  summary: 'Get a batch',
  status: 200,
  params: pathParams('batchid'),
  reply: Batch,
})

export const postBatchCancel = defineRoute({
  id: 'postBatchCancel',
  method: 'POST',
  path: '/batches/:batchid/cancel',
  resource,
  summary: 'Cancel a batch that was never pinned',
  status: 204,
  params: pathParams('batchid'),
  body: NoInput,
  bodyOptional: true,
  reply: Nothing,
  writes: 'nothing',
})

export const postBatchRequestPayload = defineRoute({
  id: 'postBatchRequestPayload',
  method: 'POST',
  path: '/batches/:batchid/request-payload',
  resource,
  summary: 'Ask every holder for the payload of a batch again, now',
  status: 204,
  params: pathParams('batchid'),
  body: NoInput,
  bodyOptional: true,
  reply: Nothing,
  writes: 'nothing',
})
