import {
  type Datatype,
  datatypeJson,
  datatypeTopic,
  hashData,
  NodeError,
  RawJson,
  validateName,
  validateNameNotUuid,
} from '@concordat/protocol'
import { resolveSigner, type SignerDeps } from '../identity/signer.ts'
import type { World } from '../lib/world.ts'
import type { DataCommands, Wait } from '../namespace.ts'
import type { Database } from '../store/database.ts'
import { getDatatypeByName } from '../store/tables/datatypes.ts'
import { compileSchema } from './datatypes.ts'
import type { MessageEngine } from './message-engine.ts'
import { sendDefinition } from './send-definition.ts'
import { expectEvent, type Waiters } from './waiters.ts'

export interface DatatypeDeps {
  readonly namespace: string
  readonly world: Pick<World, 'uuid'>
  readonly database: Database
  readonly messages: MessageEngine
  readonly signer: SignerDeps
  readonly waiters: Waiters
}

type NewDatatype = Parameters<DataCommands['createDatatype']>[0]

/** Broadcasts a datatype's definition, and waits for it to be settled when asked. */
export async function createDatatype(
  deps: DatatypeDeps,
  input: NewDatatype,
  wait: Wait,
): Promise<Datatype> {
  const { messages, waiters } = deps
  const datatype = await draftDatatype(deps, input)
  const settled = wait.confirm
    ? expectEvent(waiters, wait, datatype.id, ({ type, reference, correlator }) =>
        type === 'datatype_confirmed'
          ? reference === datatype.id
          : type === 'message_rejected' && correlator === datatype.id,
      )
    : undefined
  const message = await sendDefinition(messages, {
    ...resolveSigner(deps.signer, {}),
    tag: 'ff_define_datatype',
    topic: datatypeTopic(datatype.name),
    text: datatypeJson(datatype),
  })
  await settled
  return { ...datatype, message: message.header.id }
}

async function draftDatatype(
  { namespace, world, database, messages }: DatatypeDeps,
  { name = '', version = '', validator = 'json', value }: NewDatatype,
): Promise<Datatype> {
  validateNameNotUuid(name, 'name')
  validateName(version, 'version')
  if (validator !== 'json') throw new NodeError('FF10200', { validator })
  compileSchema(value)
  if (await getDatatypeByName(database.read, namespace, name, version))
    throw new NodeError('FF10193', { name: `${name} ${version}` })
  return {
    id: world.uuid(),
    validator,
    namespace,
    name,
    version,
    hash: hashData({ value }),
    created: messages.place().created,
    value: new RawJson(value),
  }
}
