import Type from 'typebox'
import { flag, listQuery, queryText } from './filters.ts'
import { defineRoute } from './route.ts'
import { Nothing, page, pathParams } from './schema.ts'

const resource = 'tokens'

export const getTokenAccounts = defineRoute({
  id: 'getTokenAccounts',
  method: 'GET',
  path: '/tokens/accounts',
  resource,
  summary: 'List accounts that hold tokens',
  status: 200,
  requires: 'tokens',
  filter: 'tokenaccounts',
  query: listQuery('tokenaccounts'),
  reply: page(Type.Record(Type.String(), Type.Unknown())),
})

export const getTokenAccountPools = defineRoute({
  id: 'getTokenAccountPools',
  method: 'GET',
  path: '/tokens/accounts/:key/pools',
  resource,
  summary: 'List the pools an account holds tokens of',
  status: 200,
  requires: 'tokens',
  params: pathParams('key'),
  filter: 'tokenaccountpools',
  query: listQuery('tokenaccountpools'),
  reply: page(Type.Record(Type.String(), Type.Unknown())),
})

export const getTokenApprovals = defineRoute({
  id: 'getTokenApprovals',
  method: 'GET',
  path: '/tokens/approvals',
  resource,
  summary: 'List token approvals',
  status: 200,
  requires: 'tokens',
  filter: 'tokenapprovals',
  query: listQuery('tokenapprovals'),
  reply: page(Type.Record(Type.String(), Type.Unknown())),
})

export const postTokenApproval = defineRoute({
  id: 'postTokenApproval',
  method: 'POST',
  path: '/tokens/approvals',
  resource,
  summary: 'Approve an operator for tokens',
  status: 202,
  confirmed: 200,
  requires: 'tokens',
  query: Type.Object({ confirm: flag }),
  body: Type.Record(Type.String(), Type.Unknown()),
  reply: Type.Record(Type.String(), Type.Unknown()),
})

export const getTokenBalances = defineRoute({
  id: 'getTokenBalances',
  method: 'GET',
  path: '/tokens/balances',
  resource,
  summary: 'List token balances',
  status: 200,
  requires: 'tokens',
  filter: 'tokenbalances',
  query: listQuery('tokenbalances'),
  reply: page(Type.Record(Type.String(), Type.Unknown())),
})

export const postTokenBurn = defineRoute({
  id: 'postTokenBurn',
  method: 'POST',
  path: '/tokens/burn',
  resource,
  summary: 'Burn tokens',
  status: 202,
  confirmed: 200,
  requires: 'tokens',
  query: Type.Object({ confirm: flag }),
  body: Type.Record(Type.String(), Type.Unknown()),
  reply: Type.Record(Type.String(), Type.Unknown()),
})

export const getTokenConnectors = defineRoute({
  id: 'getTokenConnectors',
  method: 'GET',
  path: '/tokens/connectors',
  resource,
  summary: 'List token connectors',
  status: 200,
  requires: 'tokens',
  reply: page(Type.Record(Type.String(), Type.Unknown())),
})

export const postTokenMint = defineRoute({
  id: 'postTokenMint',
  method: 'POST',
  path: '/tokens/mint',
  resource,
  summary: 'Mint tokens',
  status: 202,
  confirmed: 200,
  requires: 'tokens',
  query: Type.Object({ confirm: flag }),
  body: Type.Record(Type.String(), Type.Unknown()),
  reply: Type.Record(Type.String(), Type.Unknown()),
})

export const getTokenPools = defineRoute({
  id: 'getTokenPools',
  method: 'GET',
  path: '/tokens/pools',
  resource,
  summary: 'List token pools',
  status: 200,
  requires: 'tokens',
  filter: 'tokenpools',
  query: listQuery('tokenpools'),
  reply: page(Type.Record(Type.String(), Type.Unknown())),
})

export const postTokenPool = defineRoute({
  id: 'postTokenPool',
  method: 'POST',
  path: '/tokens/pools',
  resource,
  summary: 'Create a token pool',
  status: 202,
  confirmed: 200,
  requires: 'tokens',
  query: Type.Object({ confirm: flag, publish: flag }),
  body: Type.Record(Type.String(), Type.Unknown()),
  reply: Type.Record(Type.String(), Type.Unknown()),
})

export const deleteTokenPool = defineRoute({
  id: 'deleteTokenPool',
  method: 'DELETE',
  path: '/tokens/pools/:nameOrId',
  resource,
  summary: 'Delete an unpublished token pool',
  status: 204,
  requires: 'tokens',
  params: pathParams('nameOrId'),
  reply: Nothing,
  writes: 'nothing',
})

export const getTokenPoolByNameOrID = defineRoute({
  id: 'getTokenPoolByNameOrID',
  method: 'GET',
  path: '/tokens/pools/:nameOrId',
  resource,
  summary: 'Get a token pool',
  status: 200,
  requires: 'tokens',
  params: pathParams('nameOrId'),
  reply: Type.Record(Type.String(), Type.Unknown()),
})

export const postTokenPoolPublish = defineRoute({
  id: 'postTokenPoolPublish',
  method: 'POST',
  path: '/tokens/pools/:nameOrId/publish',
  resource,
  summary: 'Publish a token pool to the network',
  status: 202,
  confirmed: 200,
  requires: 'tokens',
  params: pathParams('nameOrId'),
  query: Type.Object({ confirm: flag }),
  body: Type.Record(Type.String(), Type.Unknown()),
  bodyOptional: true,
  reply: Type.Record(Type.String(), Type.Unknown()),
})

export const getTokenTransfers = defineRoute({
  id: 'getTokenTransfers',
  method: 'GET',
  path: '/tokens/transfers',
  resource,
  summary: 'List token transfers',
  status: 200,
  requires: 'tokens',
  filter: 'tokentransfers',
  query: listQuery('tokentransfers', { fromOrTo: queryText }),
  reply: page(Type.Record(Type.String(), Type.Unknown())),
})

export const postTokenTransfer = defineRoute({
  id: 'postTokenTransfer',
  method: 'POST',
  path: '/tokens/transfers',
  resource,
  summary: 'Transfer tokens',
  status: 202,
  confirmed: 200,
  requires: 'tokens',
  query: Type.Object({ confirm: flag }),
  body: Type.Record(Type.String(), Type.Unknown()),
  reply: Type.Record(Type.String(), Type.Unknown()),
})

export const getTokenTransferByID = defineRoute({
  id: 'getTokenTransferByID',
  method: 'GET',
  path: '/tokens/transfers/:transferId',
  resource,
  summary: 'Get a token transfer',
  status: 200,
  requires: 'tokens',
  params: pathParams('transferId'),
  reply: Type.Record(Type.String(), Type.Unknown()),
})
