import {
  getBatchByID,
  getBatches,
  getBlockchainEventByID,
  getBlockchainEvents,
  getNextPins,
  getPins,
  postBatchCancel,
  postBatchRequestPayload,
  postPinsRewind,
} from '@concordat/protocol/routes'
import { batchFields, getBatch, listBatches } from '../../store/tables/batches.ts'
import {
  blockchainEventFields,
  getBlockchainEvent,
  listBlockchainEvents,
} from '../../store/tables/blockchain-events.ts'
import { listNextPins, nextPinFields } from '../../store/tables/nextpins.ts'
import { listPins, pinFields } from '../../store/tables/pins.ts'
import { handle } from '../handler.ts'
import { getOne, replyList, uuidOf } from './find.ts'

export const batchHandlers = [
  handle(getBatches, (call, context) => replyList(call, context, batchFields, listBatches)),
  handle(getBatchByID, ({ namespace, params }) =>
    getOne(namespace, getBatch, uuidOf(params.batchid)),
  ),
  handle(postBatchCancel, async ({ namespace, params }) => {
    await namespace.operations.cancelBatch(uuidOf(params.batchid))
    return undefined
  }),
  handle(postBatchRequestPayload, async ({ namespace, params }) => {
    await namespace.operations.requestPayload(uuidOf(params.batchid))
    return undefined
  }),
  handle(getBlockchainEvents, (call, context) =>
    replyList(call, context, blockchainEventFields, listBlockchainEvents),
  ),
  handle(getBlockchainEventByID, ({ namespace, params }) =>
    getOne(namespace, getBlockchainEvent, uuidOf(params.id)),
  ),
  handle(getPins, (call, context) => replyList(call, context, pinFields, listPins)),
  handle(getNextPins, (call, context) => replyList(call, context, nextPinFields, listNextPins)),
  handle(postPinsRewind, ({ namespace, body }) =>
    namespace.operations.rewind({
      ...(body.sequence !== undefined && { sequence: body.sequence }),
      ...(body.batch && { batch: uuidOf(body.batch) }),
    }),
  ),
]
