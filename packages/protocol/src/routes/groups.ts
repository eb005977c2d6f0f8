import { Group } from '../model/group.ts'
import { listQuery } from './filters.ts'
import { defineRoute } from './route.ts'
import { page, pathParams } from './schema.ts'

const resource = 'groups'

export const getGroups = defineRoute({
  id: 'getGroups',
  method: 'GET',
  path: '/groups',
  resource,
  summary: 'List groups',
  status: 200,
  requires: 'multiparty',
  filter: 'groups',
  query: listQuery('groups'),
  reply: page(Group),
})

export const getGroupByHash = defineRoute({
  id: 'getGroupByHash',
  method: 'GET',
  path: '/groups/:hash',
  resource,
  summary: 'Get a group',
  status: 200,
  requires: 'multiparty',
  params: pathParams('hash'),
  reply: Group,
})
