import {
  getOpByID,
  getOps,
  getTxnBlockchainEvents,
  getTxnByID,
  getTxnOps,
  getTxnStatus,
  getTxns,
  postOpRetry,
} from '@concordat/protocol/routes'
import { getOperation, listOperations, operationFields } from '../../store/tables/operations.ts'
import {
  getTransaction,
  listTransactions,
  transactionFields,
} from '../../store/tables/transactions.ts'
import { handle } from '../handler.ts'
import { getOne, replyList, uuidOf } from './find.ts'
import { readBlockchainEvents, readOperations, transactionStatus } from './transaction-status.ts'

export const operationHandlers = [
  handle(getOps, (call, context) => replyList(call, context, operationFields, listOperations)),
  handle(getOpByID, ({ namespace, params }) =>
    getOne(namespace, getOperation, uuidOf(params.opid)),
  ),
  handle(postOpRetry, ({ namespace, params }) => namespace.operations.retry(uuidOf(params.opid))),
  handle(getTxns, (call, context) => replyList(call, context, transactionFields, listTransactions)),
  handle(getTxnByID, ({ namespace, params }) =>
    getOne(namespace, getTransaction, uuidOf(params.txnid)),
  ),
  handle(getTxnBlockchainEvents, async ({ namespace, params }) => {
    const { id } = await getOne(namespace, getTransaction, uuidOf(params.txnid))
    return readBlockchainEvents(namespace, id)
  }),
  handle(getTxnOps, async ({ namespace, params }) => {
    const { id } = await getOne(namespace, getTransaction, uuidOf(params.txnid))
    return readOperations(namespace, id)
  }),
  handle(getTxnStatus, async ({ namespace, params }) =>
    transactionStatus(namespace, await getOne(namespace, getTransaction, uuidOf(params.txnid))),
  ),
]
