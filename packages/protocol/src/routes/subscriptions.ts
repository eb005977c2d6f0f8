import Type from 'typebox'
import { EnrichedEvent } from '../model/event.ts'
import { Subscription, SubscriptionInput } from '../model/subscription.ts'
import { flag, listQuery, queryText } from './filters.ts'
import { defineRoute } from './route.ts'
import { NoInput, Nothing, page, pathParams } from './schema.ts'

const resource = 'subscriptions'
const example = {
  name: 'greetings',
  transport: 'websockets',
  filter: { events: 'message_confirmed', topic: 'greetings' },
  options: { firstEvent: 'oldest' },
}

/** With `fetchstatus`, how far it is. */
const SubscriptionWithStatus = Type.Object({
  ...Subscription.properties,
  status: Type.Optional(Type.Object({ currentOffset: Type.Optional(Type.Integer()) })),
})

export const getSubscriptions = defineRoute({
  id: 'getSubscriptions',
  method: 'GET',
  path: '/subscriptions',
  resource,
  summary: 'List subscriptions',
  status: 200,
  filter: 'subscriptions',
  query: listQuery('subscriptions'),
  reply: page(Subscription),
})

export const postNewSubscription = defineRoute({
  id: 'postNewSubscription',
  method: 'POST',
  path: '/subscriptions',
  resource,
  summary: 'Create a subscription',
  status: 201,
  body: SubscriptionInput,
  example,
  reply: Subscription,
})

export const putSubscription = defineRoute({
  id: 'putSubscription',
  method: 'PUT',
  path: '/subscriptions',
  resource,
  summary: 'Create a subscription, or replace its filter and options',
  status: 200,
  body: SubscriptionInput,
  example,
  reply: Subscription,
})

export const getSubscriptionByID = defineRoute({
  id: 'getSubscriptionByID',
  method: 'GET',
  path: '/subscriptions/:subid',
  resource,
  summary: 'Get a subscription',
  status: 200,
  params: pathParams('subid'),
  query: Type.Object({ fetchstatus: flag }),
  reply: SubscriptionWithStatus,
})

export const deleteSubscription = defineRoute({
  id: 'deleteSubscription',
  method: 'DELETE',
  path: '/subscriptions/:subid',
  resource,
  summary: 'Delete a subscription',
  status: 204,
  params: pathParams('subid'),
  reply: Nothing,
  writes: 'nothing',
})

export const getSubscriptionEventsFiltered = defineRoute({
  id: 'getSubscriptionEventsFiltered',
  method: 'GET',
  path: '/subscriptions/:subid/events',
  resource,
  summary: 'List past events that a subscription’s filter lets through',
  status: 200,
  params: pathParams('subid'),
  filter: 'events',
  query: listQuery('events', { startsequence: queryText, endsequence: queryText }),
  reply: page(EnrichedEvent),
})

export const postSubscriptionSkip = defineRoute({
  id: 'postSubscriptionSkip',
  method: 'POST',
  path: '/subscriptions/:subid/skip',
  resource,
  summary: 'Give up the event that a paused subscription is stuck on, and go on after it',
  status: 200,
  params: pathParams('subid'),
  body: NoInput,
  bodyOptional: true,
  reply: Subscription,
})

export const postSubscriptionResume = defineRoute({
  id: 'postSubscriptionResume',
  method: 'POST',
  path: '/subscriptions/:subid/resume',
  resource,
  summary: 'Let a paused subscription try again from where it stopped',
  status: 200,
  params: pathParams('subid'),
  body: NoInput,
  bodyOptional: true,
  reply: Subscription,
})
