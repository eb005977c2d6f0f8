import { trimTime, type Verifier } from '@concordat/protocol'
import type { Kysely } from 'kysely'
import { inNamespace, type List, readPage } from '../collections.ts'
import { type FilterFields, hash, text, time, uuid } from '../filter-fields.ts'
import type { Tables, VerifierRow } from '../schema.ts'

export const verifierFields = {
  hash: hash('hash'),
  identity: uuid('identity'),
  type: text('type'),
  value: text('value'),
  created: time('created'),
} satisfies FilterFields

export function rowToVerifier(row: VerifierRow): Verifier {
  return {
    hash: row.hash,
    identity: row.identity,
    namespace: row.namespace,
    type: row.type,
    value: row.value,
    created: trimTime(row.created),
  }
}

export const listVerifiers: List<'verifiers', Verifier> = (db, namespace, filter, also) =>
  readPage(
    db
      .selectFrom('verifiers')
      .selectAll()
      .where((eb) => inNamespace(eb, namespace, filter, also)),
    filter,
    rowToVerifier,
  )

export async function getVerifier(
  db: Kysely<Tables>,
  namespace: string,
  hashText: string,
): Promise<Verifier | undefined> {
  const row = await db
    .selectFrom('verifiers')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('hash', '=', hashText)
    .executeTakeFirst()
  return row && rowToVerifier(row)
}
