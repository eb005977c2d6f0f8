import { NodeError, type TaskAnswer } from '@concordat/protocol'
import {
  getTaskByID,
  getTasks,
  postTaskClaim,
  postTaskComment,
  postTaskComplete,
  postTaskConfirm,
  postTaskDelegate,
  postTaskRelease,
} from '@concordat/protocol/routes'
import type { Expression, ExpressionBuilder, SqlBool } from 'kysely'
import type { Tables } from '../../store/schema.ts'
import { listTasks, taskFields } from '../../store/tables/tasks.ts'
import { type AnyCall, handle, StatusReply } from '../handler.ts'
import { firstValue, hasFlag } from '../query.ts'
import { replyList, uuidOf } from './find.ts'
import { answerStep, readInput } from './steps.ts'

export const taskHandlers = [
  handle(getTasks, (call, context) =>
    replyList(call, context, taskFields, listTasks, conditionOf(call)),
  ),
  handle(getTaskByID, ({ namespace, params }) => namespace.tasks.describe(uuidOf(params.id))),
  handle(postTaskClaim, (call) =>
    call.namespace.tasks.claim(uuidOf(call.params.id), actorOf(call, call.body.actor)),
  ),
  handle(postTaskRelease, (call) =>
    call.namespace.tasks.release(uuidOf(call.params.id), actorOf(call, call.body.actor)),
  ),
  handle(postTaskDelegate, (call) => {
    const { actor, to } = call.body
    return call.namespace.tasks.delegate(uuidOf(call.params.id), actorOf(call, actor), to)
  }),
  handle(postTaskComplete, async (call) => {
    const { namespace, params, body, wait } = call
    const input = readInput('', body.input)
    const id = uuidOf(params.id)
    return answerTask(
      call,
      await namespace.tasks.complete(id, actorOf(call, body.actor), input, wait),
    )
  }),
  handle(postTaskConfirm, async (call) => {
    const { namespace, params, body, wait } = call
    const id = uuidOf(params.id)
    return answerTask(call, await namespace.tasks.confirm(id, actorOf(call, body.actor), wait))
  }),
  handle(postTaskComment, (call) => {
    const { actor, text } = call.body
    return call.namespace.tasks.comment(uuidOf(call.params.id), actorOf(call, actor), text)
  }),
]

/** Who acts: the user who is signed in; where nobody has to sign in, whoever the caller names, also in the header `x-actor`. */
function actorOf({ user, request }: AnyCall, named: string | undefined): string {
  const header = request.headers['x-actor']
  const given = named ?? (typeof header === 'string' && header !== '' ? header : undefined)
  if (user === undefined) {
    if (given === undefined) throw new NodeError('CC21103')
    return given
  }
  if (given !== undefined && given !== user) throw new NodeError('CC21104', { user, actor: given })
  return user
}

type Condition = (eb: ExpressionBuilder<Tables, 'tasks'>) => Expression<SqlBool>

/** What `open`, `mine` and `ours` ask for, besides the fields. */
function conditionOf(call: AnyCall): Condition {
  const { query, namespace } = call
  const [open, mine, ours] = ['open', 'mine', 'ours'].map((name) => hasFlag(query, name))
  const actor = mine || ours ? actorOf(call, firstValue(query, 'actor')) : ''
  const groups = ours ? namespace.tasks.groupsOf(actor) : []
  return (eb) =>
    eb.and([
      ...(open ? [eb('endedBy', 'is', null)] : []),
      ...(mine ? [eb('assignee', '=', actor)] : []),
      ...(ours
        ? [
            eb('state', '=', 'open'),
            groups.length > 0
              ? eb.or([eb('groupName', 'is', null), eb('groupName', 'in', groups)])
              : eb('groupName', 'is', null),
          ]
        : []),
    ])
}

/** Like the answer to a step; 202 while a second person has to agree. */
async function answerTask(
  { namespace }: AnyCall,
  { task, answer }: TaskAnswer,
): Promise<StatusReply<TaskAnswer>> {
  if (!answer) return new StatusReply(202, { task })
  const { status, result } = await answerStep(namespace, answer)
  return new StatusReply(status, { task, answer: result })
}
