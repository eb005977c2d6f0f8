import type { NextPin } from '@concordat/protocol'
import { inNamespace, type List, readPage } from '../collections.ts'
import { type FilterFields, hash, integer, text } from '../filter-fields.ts'
import type { NextPinRow } from '../schema.ts'

export const nextPinFields = {
  context: hash('context'),
  identity: text('identity'),
  hash: hash('hash'),
  nonce: integer('nonce'),
} satisfies FilterFields

export function rowToNextPin(row: NextPinRow): NextPin {
  return {
    namespace: row.namespace,
    context: row.context,
    identity: row.identity,
    hash: row.hash,
    nonce: row.nonce,
  }
}

export const listNextPins: List<'nextpins', NextPin> = (db, namespace, filter, also) =>
  readPage(
    db
      .selectFrom('nextpins')
      .selectAll()
      .where((eb) => inNamespace(eb, namespace, filter, also)),
    filter,
    rowToNextPin,
  )
