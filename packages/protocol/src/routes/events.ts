import Type from 'typebox'
import { EnrichedEvent } from '../model/event.ts'
import { flag, listQuery } from './filters.ts'
import { defineRoute } from './route.ts'
import { page, pathParams } from './schema.ts'

const resource = 'events'

export const getEvents = defineRoute({
  id: 'getEvents',
  method: 'GET',
  path: '/events',
  resource,
  summary: 'List events',
  status: 200,
  filter: 'events',
  query: listQuery('events', { fetchreferences: flag, fetchreference: flag }),
  reply: page(EnrichedEvent),
})

export const getEventByID = defineRoute({
  id: 'getEventByID',
  method: 'GET',
  path: '/events/:eid',
  resource,
  summary: 'Get an event',
  status: 200,
  params: pathParams('eid'),
  query: Type.Object({ fetchreference: flag }),
  reply: EnrichedEvent,
})
