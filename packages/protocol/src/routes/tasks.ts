import Type from 'typebox'
import {
  InboxTask,
  InboxTaskDetail,
  TaskActor,
  TaskAnswer,
  TaskComment,
  TaskCompletion,
  TaskDelegation,
} from '../model/task.ts'
import { flag, listQuery, queryText } from './filters.ts'
import { defineRoute } from './route.ts'
import { page, pathParams } from './schema.ts'

const resource = 'tasks'
const params = pathParams('id')

export const getTasks = defineRoute({
  id: 'getTasks',
  method: 'GET',
  path: '/tasks',
  resource,
  summary:
    'List tasks of this node’s parties; `open`: those that are not ended, `mine`: what the actor has, `ours`: what nobody has and the actor may take',
  status: 200,
  requires: 'multiparty',
  filter: 'tasks',
  query: listQuery('tasks', { open: flag, mine: flag, ours: flag, actor: queryText }),
  reply: page(InboxTask),
})

export const getTaskByID = defineRoute({
  id: 'getTaskByID',
  method: 'GET',
  path: '/tasks/:id',
  resource,
  summary: 'Get a task with what is needed to decide it',
  status: 200,
  requires: 'multiparty',
  params,
  reply: InboxTaskDetail,
})

export const postTaskClaim = defineRoute({
  id: 'postTaskClaim',
  method: 'POST',
  path: '/tasks/:id/claim',
  resource,
  summary: 'Take a task that nobody has',
  status: 200,
  requires: 'multiparty',
  params,
  body: TaskActor,
  bodyOptional: true,
  example: { actor: 'ann' },
  reply: InboxTask,
})

export const postTaskRelease = defineRoute({
  id: 'postTaskRelease',
  method: 'POST',
  path: '/tasks/:id/release',
  resource,
  summary: 'Give a task back; what waits for a second person is withdrawn',
  status: 200,
  requires: 'multiparty',
  params,
  body: TaskActor,
  bodyOptional: true,
  example: { actor: 'ann' },
  reply: InboxTask,
})

export const postTaskDelegate = defineRoute({
  id: 'postTaskDelegate',
  method: 'POST',
  path: '/tasks/:id/delegate',
  resource,
  summary: 'Hand a task to another person, or to a group',
  status: 200,
  requires: 'multiparty',
  params,
  body: TaskDelegation,
  example: { actor: 'ann', to: 'ben' },
  reply: InboxTask,
})

export const postTaskComplete = defineRoute({
  id: 'postTaskComplete',
  method: 'POST',
  path: '/tasks/:id/complete',
  resource,
  summary:
    'Take the step of a task, or ask for the second person it needs. Decided, it is 200 if it counts, 409 if another came first, 422 if a rule refuses it',
  status: 202,
  confirmed: 200,
  requires: 'multiparty',
  params,
  query: Type.Object({ confirm: flag }),
  body: TaskCompletion,
  bodyOptional: true,
  example: { actor: 'ann', input: { round: 1 } },
  raw: ['input'],
  reply: TaskAnswer,
})

export const postTaskConfirm = defineRoute({
  id: 'postTaskConfirm',
  method: 'POST',
  path: '/tasks/:id/confirm',
  resource,
  summary: 'Agree, as a second person, to what the first wants sent',
  status: 202,
  confirmed: 200,
  requires: 'multiparty',
  params,
  query: Type.Object({ confirm: flag }),
  body: TaskActor,
  bodyOptional: true,
  example: { actor: 'ben' },
  reply: TaskAnswer,
})

export const postTaskComment = defineRoute({
  id: 'postTaskComment',
  method: 'POST',
  path: '/tasks/:id/comments',
  resource,
  summary: 'Say something about a task to those who work on it',
  status: 200,
  requires: 'multiparty',
  params,
  body: TaskComment,
  example: { actor: 'ann', text: 'The price is that of last year.' },
  reply: InboxTask,
})
