import { NodeError } from '@concordat/protocol'
import {
  deleteData,
  getDataBlob,
  getDataByID,
  getData as getDataList,
  getDataMsgs,
  getDataSubPaths,
  getDataValue,
  postData,
  postDataBlobPublish,
  postDataValuePublish,
} from '@concordat/protocol/routes'
import { dataFields, getData, listData } from '../../store/tables/data.ts'
import { listMessages, messageFields } from '../../store/tables/messages.ts'
import { BytesReply, handle } from '../handler.ts'
import { uploadForm } from '../upload.ts'
import { listSubPaths } from './data-paths.ts'
import { found, getOne, replyList, uuidOf } from './find.ts'

export const dataHandlers = [
  handle(getDataList, (call, context) => replyList(call, context, dataFields, listData)),
  handle(postData, ({ namespace, body, request }) => {
    if (request.isMultipart()) return uploadForm(request, namespace.data)
    if (!body.value) throw new NodeError('FF00109')
    return namespace.data.upload(body)
  }),
  handle(getDataByID, ({ namespace, params }) => getOne(namespace, getData, uuidOf(params.dataid))),
  handle(deleteData, async ({ namespace, params }) => {
    await namespace.data.remove(uuidOf(params.dataid))
    return undefined
  }),
  handle(getDataBlob, async ({ namespace, params }) => {
    const { content, hash, size } = await namespace.data.readBlob(uuidOf(params.dataid))
    return new BytesReply(content, {
      'content-type': 'application/octet-stream',
      'content-length': String(size),
      'x-ff-blob-hash-sha256': hash,
      'x-ff-blob-size': String(size),
    })
  }),
  handle(getDataValue, async ({ namespace, params }) => {
    const data = await getOne(namespace, getData, uuidOf(params.dataid))
    return found(data.value, `value of data ${data.id}`)
  }),
  handle(getDataMsgs, async (call, context) => {
    const { id } = await getOne(call.namespace, getData, uuidOf(call.params.dataid))
    return replyList(call, context, messageFields, listMessages, (eb) =>
      eb(
        'id',
        'in',
        call.namespace.database.read
          .selectFrom('messageData')
          .select('messageId')
          .where('namespace', '=', call.namespace.name)
          .where('dataId', '=', id),
      ),
    )
  }),
  handle(postDataBlobPublish, ({ namespace, params, body }) =>
    namespace.data.publishBlob(uuidOf(params.dataid), body.idempotencyKey),
  ),
  handle(postDataValuePublish, ({ namespace, params, body }) =>
    namespace.data.publishValue(uuidOf(params.dataid), body.idempotencyKey),
  ),
  handle(getDataSubPaths, ({ namespace, params }) => listSubPaths(namespace, params.parent)),
]
