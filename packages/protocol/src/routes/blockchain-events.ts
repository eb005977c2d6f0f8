import { BlockchainEvent } from '../model/operation.ts'
import { listQuery } from './filters.ts'
import { defineRoute } from './route.ts'
import { page, pathParams } from './schema.ts'

const resource = 'blockchainevents'

export const getBlockchainEvents = defineRoute({
  id: 'getBlockchainEvents',
  method: 'GET',
  path: '/blockchainevents',
  resource,
  summary: 'List blockchain events',
  status: 200,
  filter: 'blockchainevents',
  query: listQuery('blockchainevents'),
  reply: page(BlockchainEvent),
})

export const getBlockchainEventByID = defineRoute({
  id: 'getBlockchainEventByID',
  method: 'GET',
  path: '/blockchainevents/:id',
  resource,
  summary: 'Get a blockchain event',
  status: 200,
  params: pathParams('id'),
  reply: BlockchainEvent,
})
