import { getGroupByHash, getGroups } from '@concordat/protocol/routes'
import { getGroup, groupFields, listGroups } from '../../store/tables/groups.ts'
import { handle } from '../handler.ts'
import { getOne, hashOf, replyList } from './find.ts'

export const groupHandlers = [
  handle(getGroups, (call, context) => replyList(call, context, groupFields, listGroups)),
  handle(getGroupByHash, ({ namespace, params }) =>
    getOne(namespace, getGroup, hashOf(params.hash)),
  ),
]
