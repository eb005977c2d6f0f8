import { BlockchainEvent, Operation, Transaction, TransactionStatus } from '../model/operation.ts'
import { listQuery } from './filters.ts'
import { defineRoute } from './route.ts'
import { page, pathParams } from './schema.ts'

const resource = 'transactions'

export const getTxns = defineRoute({
  id: 'getTxns',
  method: 'GET',
  path: '/transactions',
  resource,
  summary: 'List transactions',
  status: 200,
  filter: 'transactions',
  query: listQuery('transactions'),
  reply: page(Transaction),
})

export const getTxnByID = defineRoute({
  id: 'getTxnByID',
  method: 'GET',
  path: '/transactions/:txnid',
  resource,
  summary: 'Get a transaction',
  status: 200,
  params: pathParams('txnid'),
  reply: Transaction,
})

export const getTxnBlockchainEvents = defineRoute({
  id: 'getTxnBlockchainEvents',
  method: 'GET',
  path: '/transactions/:txnid/blockchainevents',
  resource,
  summary: 'List the blockchain events of a transaction',
  status: 200,
  params: pathParams('txnid'),
  reply: page(BlockchainEvent),
})

export const getTxnOps = defineRoute({
  id: 'getTxnOps',
  method: 'GET',
  path: '/transactions/:txnid/operations',
  resource,
  summary: 'List the operations of a transaction',
  status: 200,
  params: pathParams('txnid'),
  reply: page(Operation),
})

export const getTxnStatus = defineRoute({
  id: 'getTxnStatus',
  method: 'GET',
  path: '/transactions/:txnid/status',
  resource,
  summary: 'Get how far a transaction is',
  status: 200,
  params: pathParams('txnid'),
  reply: TransactionStatus,
})
