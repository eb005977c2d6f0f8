import Type from 'typebox'
import { BlockedTopic } from '../model/blocked.ts'
import { BatchManagerStatus, MultipartyStatus, NamespaceStatus } from '../model/status.ts'
import { defineRoute } from './route.ts'

const resource = 'status'

export const getStatus = defineRoute({
  id: 'getStatus',
  method: 'GET',
  path: '/status',
  resource,
  summary: 'Get what this namespace is, and has',
  status: 200,
  reply: NamespaceStatus,
})

export const getStatusBatchManager = defineRoute({
  id: 'getStatusBatchManager',
  method: 'GET',
  path: '/status/batchmanager',
  resource,
  summary: 'Get the state of the batches being built',
  status: 200,
  requires: 'multiparty',
  reply: BatchManagerStatus,
})

export const getStatusMultiparty = defineRoute({
  id: 'getStatusMultiparty',
  method: 'GET',
  path: '/status/multiparty',
  resource,
  summary: 'Get the state of registration and contract',
  status: 200,
  reply: MultipartyStatus,
})

export const getBlocked = defineRoute({
  id: 'getBlocked',
  method: 'GET',
  path: '/blocked',
  resource,
  summary: 'List what is held up, by what, since when, and the safe actions',
  status: 200,
  reply: Type.Array(BlockedTopic),
})
