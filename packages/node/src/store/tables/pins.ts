import { type Pin, trimTime } from '@concordat/protocol'
import { inNamespace, type List, readPage } from '../collections.ts'
import { boolean, type FilterFields, hash, integer, time, uuid } from '../filter-fields.ts'
import type { PinRow } from '../schema.ts'

export const pinFields = {
  sequence: integer('seq'),
  masked: boolean('masked'),
  hash: hash('hash'),
  batch: uuid('batch'),
  index: integer('idx'),
  dispatched: boolean('dispatched'),
  created: time('created'),
} satisfies FilterFields

export function rowToPin(row: PinRow): Pin {
  return {
    sequence: row.seq,
    namespace: row.namespace,
    ...(row.masked === 1 && { masked: true }),
    hash: row.hash,
    batch: row.batch,
    batchHash: row.batchHash,
    index: row.idx,
    ...(row.dispatched === 1 && { dispatched: true }),
    signer: row.signer,
    created: trimTime(row.created),
  }
}

export const listPins: List<'pins', Pin> = (db, namespace, filter, also) =>
  readPage(
    db
      .selectFrom('pins')
      .selectAll()
      .where((eb) => inNamespace(eb, namespace, filter, also)),
    filter,
    rowToPin,
  )
