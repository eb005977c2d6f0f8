import {
  type BatchMessage,
  type Datatype,
  datatypeTopic,
  hashData,
  NodeError,
  normalTime,
  padTime,
  parseJson,
  parseUuid,
  RawJson,
  rawPaths,
  validateName,
  validateNameNotUuid,
} from '@concordat/protocol'
import type { World } from '../lib/world.ts'
import { compileSchema, type Datatypes } from '../messages/datatypes.ts'
import type { DatatypeRow, PinRow } from '../store/schema.ts'
import type { IdentityDefinitions } from './identity-definitions.ts'
import { dataOf, rejected, type Verdict } from './judge.ts'
import type { LoadedBatch } from './loaded-batch.ts'
import type { Settlement } from './settlement.ts'

export interface DefinitionHandler {
  /** Applies a definition in its turn, in the settlement's transaction. */
  handle(
    settlement: Settlement,
    pin: PinRow,
    batch: LoadedBatch,
    message: BatchMessage,
  ): Promise<Verdict>
}

export interface DefinitionDeps {
  readonly namespace: string
  readonly world: World
  readonly datatypes: Datatypes
  readonly identities: IdentityDefinitions
}

/** The one JSON value a definition message carries. Throws FF10400. */
function definitionText(batch: LoadedBatch, message: BatchMessage): string {
  const [item, ...others] = dataOf(batch, message)
  const text = others.length === 0 && !item?.blob ? item?.value?.text : undefined
  if (text === undefined)
    throw new NodeError('FF10400', {
      message: message.header.id,
      reason: 'it needs exactly one value',
    })
  return text
}

export function createDefinitionHandler(deps: DefinitionDeps): DefinitionHandler {
  const { identities } = deps
  return {
    async handle(settlement, pin, batch, message) {
      try {
        const at = { settlement, pin, message, text: definitionText(batch, message) }
        switch (message.header.tag) {
          case 'ff_define_datatype':
            return await defineDatatype(deps, at)
          case 'ff_identity_claim':
            return await identities.claim(at)
          case 'ff_identity_verification':
            return await identities.verify(at)
          case 'ff_identity_update':
            return await identities.update(at)
          default:
            return rejected(
              new NodeError('FF10404', {
                tag: message.header.tag ?? '',
                message: message.header.id,
              }),
            )
        }
      } catch (error) {
        if (error instanceof NodeError && !error.retryable && error.status < 500)
          return rejected(error)
        throw error
      }
    },
  }
}

/** A definition message in its turn. */
export interface DefinitionAt {
  readonly settlement: Settlement
  readonly pin: PinRow
  readonly message: BatchMessage
  /** Canonical JSON text of its value. */
  readonly text: string
}

const datatypePaths = rawPaths('value')

async function defineDatatype(
  { namespace, datatypes }: DefinitionDeps,
  { settlement, pin, message, text }: DefinitionAt,
): Promise<Verdict> {
  const { tx } = settlement
  const { id: messageId, topics } = message.header
  const datatype = parseDatatype(text, messageId)
  // Only on one topic are two definitions of it ordered.
  if (topics.length !== 1 || topics[0] !== datatypeTopic(datatype.name))
    throw new NodeError('FF10403', {
      message: messageId,
      reason: 'its topic is not that of its name',
    })
  if (await datatypes.find(datatype.name, datatype.version, tx)) {
    return rejected(
      new NodeError('FF10407', {
        message: messageId,
        existing: `datatype ${datatype.name} ${datatype.version}`,
      }),
    )
  }
  const row: DatatypeRow = {
    seq: tx.sequence('datatypes', 1),
    namespace,
    id: datatype.id,
    message: messageId,
    validator: 'json',
    name: datatype.name,
    version: datatype.version,
    hash: datatype.hash,
    created: padTime(datatype.created),
    value: datatype.value.text,
    position: pin.seq,
  }
  compileSchema(row.value)
  await tx.insertMany('datatypes', [row])
  datatypes.remember(row)
  settlement.addEvents([
    { type: 'datatype_confirmed', reference: row.id, tx: pin.txId, topic: 'ff_definition' },
  ])
  return { kind: 'confirmed', correlator: row.id }
}

function parseDatatype(
  text: string,
  message: string,
): Omit<Datatype, 'value'> & { value: RawJson } {
  const fail = (reason: string): never => {
    throw new NodeError('FF10403', { message, reason })
  }
  const parsed = parseJson(text, { raw: datatypePaths })
  if (typeof parsed !== 'object' || parsed === null) return fail('it is not an object')
  const { id, name, version, hash, value, validator, created } = parsed as Record<string, unknown>
  if (
    typeof id !== 'string' ||
    typeof name !== 'string' ||
    typeof version !== 'string' ||
    typeof created !== 'string'
  )
    return fail('a field is missing')
  if (!(value instanceof RawJson)) return fail('it has no schema')
  if (validator !== 'json') return fail(`validator ${String(validator)} is not supported`)
  if (parseUuid(id) !== id) return fail('its id is not a UUID')
  validateNameNotUuid(name, 'name')
  validateName(version, 'version')
  if (hash !== hashData({ value: value.text })) return fail('its hash is not that of its schema')
  return { id, name, version, hash, validator, created: normalTime(created), value }
}
