import {
  type DataInput,
  type Message,
  type MessageInOut,
  NodeError,
  RawJson,
} from '@concordat/protocol'
import type { Database } from '../store/database.ts'
import type { DataRow } from '../store/schema.ts'
import { rowToData } from '../store/tables/data.ts'
import type { Datatypes } from './datatypes.ts'
import { describeErrors } from './datatypes.ts'
import { type DraftData, draftData, type Place, type Unplaced, valueText } from './draft.ts'

export interface InlineData {
  /** Each item of a message: data stored already, found by id (and hash), or new from its value. */
  resolve(place: Place, inputs: readonly DataInput[]): Promise<DraftData[]>
  /** Throws FF10198, FF10199 or FF10200 when the row does not fit its datatype. */
  validate(row: Unplaced<DataRow>): Promise<void>
  withValues(message: Message): Promise<MessageInOut>
}

export interface InlineDataDeps {
  readonly namespace: string
  readonly database: Database
  readonly datatypes: Datatypes
}

export function createInlineData({ namespace, database, datatypes }: InlineDataDeps): InlineData {
  async function stored(index: number, { id, hash }: DataInput): Promise<DraftData> {
    const row = await database.read
      .selectFrom('data')
      .selectAll()
      .where('namespace', '=', namespace)
      .where('id', '=', id ?? '')
      .$if(hash !== undefined, (query) => query.where('hash', '=', hash ?? ''))
      .orderBy('seq')
      .executeTakeFirst()
    if (!row) throw new NodeError('FF10204', { index })
    return { kind: 'stored', row }
  }

  async function byBlob(index: number, place: Place, input: DataInput): Promise<DraftData> {
    const hash = input.blob?.hash ?? ''
    const blob = await database.read
      .selectFrom('blobs')
      .selectAll()
      .where('namespace', '=', namespace)
      .where('hash', '=', hash)
      .executeTakeFirst()
    if (!blob) throw new NodeError('FF10204', { index })
    return { kind: 'new', row: draftData(place, input, { hash, size: blob.size }) }
  }

  async function validate(row: Unplaced<DataRow>): Promise<void> {
    if (!['json', 'none', 'definition', ''].includes(row.validator))
      throw new NodeError('FF10200', { validator: row.validator })
    if (row.validator === 'none' || (row.datatypeName === null && row.datatypeVersion === null))
      return
    if (!row.datatypeName || !row.datatypeVersion) throw new NodeError('FF10202', {})
    const known = await datatypes.find(row.datatypeName, row.datatypeVersion)
    if (!known)
      throw new NodeError('FF10199', { name: row.datatypeName, version: row.datatypeVersion })
    const value: unknown = row.value === null ? null : new RawJson(row.value).value()
    if (!known.validate(value))
      throw new NodeError('FF10198', { reason: describeErrors(known.validate) })
  }

  async function resolveOne(place: Place, input: DataInput, index: number): Promise<DraftData> {
    if (input.id) return await stored(index, input)
    if (valueText(input.value) === undefined && input.blob?.hash)
      return await byBlob(index, place, input)
    if (valueText(input.value) === undefined) throw new NodeError('FF10205', { index })
    const row = draftData(place, input)
    await validate(row)
    return { kind: 'new', row }
  }

  return {
    validate,
    resolve: (place, inputs) =>
      Promise.all(inputs.map((input, index) => resolveOne(place, input, index))),
    async withValues(message) {
      const ids = message.data.map(({ id }) => id)
      const rows =
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
    },
  }
}
