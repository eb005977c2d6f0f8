import {
  type Data,
  type DataInput,
  type Message,
  type MessageInOut,
  NodeError,
} from '@concordat/protocol'
import type { Database } from '../store/database.ts'
import type { DataRow } from '../store/schema.ts'
import { rowToData } from '../store/tables/data.ts'
import { type Datatypes, describeErrors } from './datatypes.ts'
import { type DraftData, draftData, type Place, valueText } from './draft.ts'

export interface InlineData {
  /** Each item of a message: data stored already, found by id (and hash), or new from its value. */
  resolve(place: Place, inputs: readonly DataInput[]): Promise<DraftData[]>
  /** Throws FF10198, FF10199 or FF10200 when the data does not fit its datatype. */
  validate(data: Data): Promise<void>
  withValues(message: Message): Promise<MessageInOut>
}

export interface InlineDataDeps {
  readonly namespace: string
  readonly database: Database
  readonly datatypes: Datatypes
}

export function createInlineData(deps: InlineDataDeps): InlineData {
  async function resolveOne(place: Place, input: DataInput, index: number): Promise<DraftData> {
    if (input.id) return await findStored(deps, index, input)
    const hasValue = valueText(input.value) !== undefined
    if (!hasValue && input.blob?.hash)
      return { kind: 'new', data: await draftOfBlob(deps, place, index, input) }
    if (!hasValue) throw new NodeError('FF10205', { index })
    const data = draftData(place, input)
    await validate(deps.datatypes, data)
    return { kind: 'new', data }
  }

  return {
    validate: (data) => validate(deps.datatypes, data),
    resolve: (place, inputs) =>
      Promise.all(inputs.map((input, index) => resolveOne(place, input, index))),
    withValues: (message) => withValues(deps, message),
  }
}

async function findStored(
  { namespace, database }: InlineDataDeps,
  index: number,
  { id, hash }: DataInput,
): Promise<DraftData> {
  const row = await database.read
    .selectFrom('data')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('id', '=', id ?? '')
    .$if(hash !== undefined, (query) => query.where('hash', '=', hash ?? ''))
    .orderBy('seq')
    .executeTakeFirst()
  if (!row) throw new NodeError('FF10204', { index })
  return { kind: 'stored', data: rowToData(row) }
}

/** Data without a value, of a blob that is here already. */
async function draftOfBlob(
  { namespace, database }: InlineDataDeps,
  place: Place,
  index: number,
  input: DataInput,
): Promise<Data> {
  const hash = input.blob?.hash ?? ''
  const blob = await database.read
    .selectFrom('blobs')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('hash', '=', hash)
    .executeTakeFirst()
  if (!blob) throw new NodeError('FF10204', { index })
  return draftData(place, input, { hash, size: blob.size })
}

const VALIDATORS = ['json', 'none', 'definition', '']

async function validate(datatypes: Datatypes, { validator, datatype, value }: Data): Promise<void> {
  if (!VALIDATORS.includes(validator)) throw new NodeError('FF10200', { validator })
  const { name, version } = datatype ?? {}
  if (validator === 'none' || (name === undefined && version === undefined)) return
  if (!name || !version) throw new NodeError('FF10202', {})
  const known = await datatypes.find(name, version)
  if (!known) throw new NodeError('FF10199', { name, version })
  if (!known.validate(value?.value() ?? null))
    throw new NodeError('FF10198', { reason: describeErrors(known.validate) })
}

async function withValues(
  { namespace, database }: InlineDataDeps,
  message: Message,
): Promise<MessageInOut> {
  const ids = message.data.map(({ id }) => id)
  const rows: DataRow[] =
    ids.length === 0
      ? []
      : await database.read
          .selectFrom('data')
          .selectAll()
          .where('namespace', '=', namespace)
          .where('id', 'in', ids)
          .execute()
  const byRef = new Map(rows.map((row) => [`${row.id}${row.hash}`, row]))
  return {
    ...message,
    data: message.data.flatMap((ref) => {
      const row = byRef.get(`${ref.id}${ref.hash}`)
      return row ? [rowToData(row)] : []
    }),
  }
}
