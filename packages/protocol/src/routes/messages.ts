import Type from 'typebox'
import { Data } from '../model/data.ts'
import { EnrichedEvent } from '../model/event.ts'
import { Message, MessageInOut } from '../model/message.ts'
import { Transaction } from '../model/operation.ts'
import { flag, listQuery } from './filters.ts'
import { defineRoute } from './route.ts'
import { hash, listOf, page, part, pathParams, text, texts, userJson, uuid } from './schema.ts'

const header = Type.Object({
  author: text,
  key: text,
  type: text,
  txtype: text,
  cid: uuid,
  group: hash,
  topics: texts,
  tag: text,
})
const datatypeRef = Type.Object({ name: text, version: text })

/** A piece of data inside a message: a reference, or the value itself. */
const dataItem = Type.Object({
  id: uuid,
  hash,
  validator: text,
  datatype: part(datatypeRef),
  value: userJson,
  blob: part(Type.Object({ hash })),
})
const broadcastBody = Type.Object({
  header: part(header),
  data: listOf(dataItem),
  idempotencyKey: text,
})
const privateBody = Type.Object({
  header: part(header),
  group: part(
    Type.Object({
      name: text,
      members: listOf(Type.Object({ identity: text, node: text })),
    }),
  ),
  data: listOf(dataItem),
  idempotencyKey: text,
})

const resource = 'messages'
const toOneMember = { group: { members: [{ identity: 'org_1' }] }, data: [{ value: 'hello' }] }
const params = pathParams('msgid')
const raw = ['data.*.value']

export const postNewMessageBroadcast = defineRoute({
  id: 'postNewMessageBroadcast',
  method: 'POST',
  path: '/messages/broadcast',
  resource,
  summary: 'Send a message to every member of the network',
  status: 202,
  confirmed: 200,
  requires: 'multiparty',
  query: Type.Object({ confirm: flag }),
  body: broadcastBody,
  example: { header: { topics: ['greetings'] }, data: [{ value: 'hello' }] },
  raw,
  reply: Message,
})

export const postNewMessagePrivate = defineRoute({
  id: 'postNewMessagePrivate',
  method: 'POST',
  path: '/messages/private',
  resource,
  summary: 'Send a message to the members of a group',
  status: 202,
  confirmed: 200,
  requires: 'multiparty',
  query: Type.Object({ confirm: flag }),
  body: privateBody,
  example: toOneMember,
  raw,
  reply: Message,
})

export const postNewMessageRequestReply = defineRoute({
  id: 'postNewMessageRequestReply',
  method: 'POST',
  path: '/messages/requestreply',
  resource,
  summary: 'Send a private message and wait for the answer to it',
  status: 200,
  requires: 'multiparty',
  body: privateBody,
  example: { header: { tag: 'question' }, ...toOneMember },
  raw,
  reply: MessageInOut,
})

export const getMsgs = defineRoute({
  id: 'getMsgs',
  method: 'GET',
  path: '/messages',
  resource,
  summary: 'List messages',
  status: 200,
  filter: 'messages',
  query: listQuery('messages', { fetchdata: flag }),
  reply: page(MessageInOut),
})

export const getMsgByID = defineRoute({
  id: 'getMsgByID',
  method: 'GET',
  path: '/messages/:msgid',
  resource,
  summary: 'Get a message',
  status: 200,
  params,
  query: Type.Object({ fetchdata: flag }),
  reply: MessageInOut,
})

export const getMsgData = defineRoute({
  id: 'getMsgData',
  method: 'GET',
  path: '/messages/:msgid/data',
  resource,
  summary: 'List the data of a message, in its order',
  status: 200,
  params,
  reply: page(Data),
})

export const getMsgEvents = defineRoute({
  id: 'getMsgEvents',
  method: 'GET',
  path: '/messages/:msgid/events',
  resource,
  summary: 'List the events that refer to a message',
  status: 200,
  params,
  filter: 'events',
  query: listQuery('events'),
  reply: page(EnrichedEvent),
})

export const getMsgTxn = defineRoute({
  id: 'getMsgTxn',
  method: 'GET',
  path: '/messages/:msgid/transaction',
  resource,
  summary: 'Get the transaction that a message was sent in',
  status: 200,
  params,
  reply: Transaction,
})
