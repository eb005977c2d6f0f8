import { type Identity, trimTime } from '@concordat/protocol'
import type { Kysely } from 'kysely'
import { inNamespace, type List, readPage } from '../collections.ts'
import { type FilterFields, json, text, time, uuid } from '../filter-fields.ts'
import type { IdentityRow, Tables } from '../schema.ts'

export const identityFields = {
  id: uuid('id'),
  did: text('did'),
  parent: uuid('parent'),
  'messages.claim': uuid('claimMessage'),
  'messages.verification': uuid('verificationMessage'),
  'messages.update': uuid('updateMessage'),
  type: text('type'),
  name: text('name'),
  description: text('description'),
  profile: json('profile'),
  created: time('created'),
  updated: time('updated'),
} satisfies FilterFields

export function rowToIdentity(row: IdentityRow): Identity {
  return {
    id: row.id,
    did: row.did,
    type: row.type,
    ...(row.parent !== null && { parent: row.parent }),
    namespace: row.namespace,
    name: row.name,
    ...(row.description !== null && { description: row.description }),
    ...(row.profile !== null && { profile: JSON.parse(row.profile) }),
    messages: {
      claim: row.claimMessage,
      verification: row.verificationMessage,
      update: row.updateMessage,
    },
    created: trimTime(row.created),
    updated: trimTime(row.updated),
  }
}

export const listIdentities: List<'identities', Identity> = (db, namespace, filter, also) =>
  readPage(
    db
      .selectFrom('identities')
      .selectAll()
      .where((eb) => inNamespace(eb, namespace, filter, also)),
    filter,
    rowToIdentity,
  )

export async function getIdentity(
  db: Kysely<Tables>,
  namespace: string,
  id: string,
): Promise<Identity | undefined> {
  const row = await db
    .selectFrom('identities')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && rowToIdentity(row)
}

export async function getIdentityByDid(
  db: Kysely<Tables>,
  namespace: string,
  did: string,
): Promise<Identity | undefined> {
  const row = await db
    .selectFrom('identities')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('did', '=', did)
    .executeTakeFirst()
  return row && rowToIdentity(row)
}
