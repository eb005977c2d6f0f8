import { NodeError } from '@concordat/protocol'
import {
  getDatatypeByName as getDatatypeRoute,
  getDatatypes,
  postNewDatatype,
} from '@concordat/protocol/routes'
import { datatypeFields, getDatatypeByName, listDatatypes } from '../../store/tables/datatypes.ts'
import { handle } from '../handler.ts'
import { found, replyList } from './find.ts'

export const datatypeHandlers = [
  handle(getDatatypes, (call, context) => replyList(call, context, datatypeFields, listDatatypes)),
  handle(postNewDatatype, ({ namespace, body, wait }) => {
    const { value, ...rest } = body
    if (!value) throw new NodeError('FF10131', { field: 'value' })
    return namespace.data.createDatatype({ ...rest, value: value.text }, wait)
  }),
  handle(getDatatypeRoute, async ({ namespace, params }) => {
    const { name, version } = params
    const datatype = await getDatatypeByName(namespace.database.read, namespace.name, name, version)
    return found(datatype, `datatype ${name} ${version}`)
  }),
]
