import {
  getMsgByID,
  getMsgData,
  getMsgEvents,
  getMsgs,
  getMsgTxn,
  postNewMessageBroadcast,
  postNewMessagePrivate,
  postNewMessageRequestReply,
} from '@concordat/protocol/routes'
import { getBatch } from '../../store/tables/batches.ts'
import { eventFields, listEvents } from '../../store/tables/events.ts'
import { getMessage, listMessages, messageFields } from '../../store/tables/messages.ts'
import { getTransaction } from '../../store/tables/transactions.ts'
import { handle, ListReply } from '../handler.ts'
import { hasFlag } from '../query.ts'
import { found, getOne, listOf, replyList, uuidOf } from './find.ts'
import { readMessageData, withData } from './message-data.ts'

export const messageHandlers = [
  handle(postNewMessageBroadcast, ({ namespace, body, wait }) =>
    namespace.messages.broadcast(body, wait),
  ),
  handle(postNewMessagePrivate, ({ namespace, body, wait }) =>
    namespace.messages.sendPrivate(body, wait),
  ),
  handle(postNewMessageRequestReply, ({ namespace, body, wait }) =>
    namespace.messages.requestReply(body, wait),
  ),
  handle(getMsgs, async (call, context) => {
    const { items, total } = await listOf(call, context, messageFields, listMessages)
    const inline = hasFlag(call.query, 'fetchdata')
    return new ListReply(inline ? await withData(call.namespace, items) : items, total)
  }),
  handle(getMsgByID, async ({ namespace, params, query }) => {
    const message = await getOne(namespace, getMessage, uuidOf(params.msgid))
    if (!hasFlag(query, 'fetchdata')) return message
    const [whole] = await withData(namespace, [message])
    return found(whole, params.msgid)
  }),
  handle(getMsgData, async ({ namespace, params }) =>
    readMessageData(namespace, await getOne(namespace, getMessage, uuidOf(params.msgid))),
  ),
  handle(getMsgEvents, async (call, context) => {
    const { header } = await getOne(call.namespace, getMessage, uuidOf(call.params.msgid))
    return replyList(call, context, eventFields, listEvents, (eb) =>
      eb('reference', '=', header.id),
    )
  }),
  handle(getMsgTxn, async ({ namespace, params }) => {
    const message = await getOne(namespace, getMessage, uuidOf(params.msgid))
    const batch = message.batch && (await getOne(namespace, getBatch, message.batch))
    const tx = message.txid ?? (batch ? batch.tx.id : undefined)
    return getOne(namespace, getTransaction, found(tx, `transaction of message ${params.msgid}`))
  }),
]
