import { type Group, padTime, trimTime } from '@concordat/protocol'
import type { Kysely } from 'kysely'
import { inNamespace, type List, readPage } from '../collections.ts'
import { type FilterFields, hash, text, time, uuid } from '../filter-fields.ts'
import type { GroupRow, Tables } from '../schema.ts'

export const groupFields = {
  hash: hash('hash'),
  message: uuid('message'),
  description: text(null),
  ledger: uuid(null),
  created: time('created'),
} satisfies FilterFields

export function rowToGroup(row: GroupRow): Group {
  return {
    namespace: row.networkNamespace,
    name: row.name,
    members: JSON.parse(row.members),
    localNamespace: row.namespace,
    ...(row.message !== null && { message: row.message }),
    hash: row.hash,
    created: trimTime(row.created),
  }
}

/** What a group does not say of itself. */
export interface GroupPlace {
  readonly seq: number
  /** Local name. */
  readonly namespace: string
  /** When this node first knew it. */
  readonly created: string
}

/** The members' order is kept: it is part of the hash. */
export function groupToRow(group: Group, { seq, namespace, created }: GroupPlace): GroupRow {
  return {
    seq,
    namespace,
    networkNamespace: group.namespace,
    hash: group.hash,
    name: group.name,
    members: JSON.stringify(group.members.map(({ identity, node }) => ({ identity, node }))),
    message: group.message ?? null,
    created: padTime(group.created ?? created),
  }
}

export const listGroups: List<'groups', Group> = (db, namespace, filter, also) =>
  readPage(
    db
      .selectFrom('groups')
      .selectAll()
      .where((eb) => inNamespace(eb, namespace, filter, also)),
    filter,
    rowToGroup,
  )

export async function getGroup(
  db: Kysely<Tables>,
  namespace: string,
  hashText: string,
): Promise<Group | undefined> {
  const row = await db
    .selectFrom('groups')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('hash', '=', hashText)
    .executeTakeFirst()
  return row && rowToGroup(row)
}
