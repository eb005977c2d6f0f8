import Type, { type Static } from 'typebox'
import Value from 'typebox/value'
import type { Transaction } from '../database.ts'
import type { NamespaceRow } from '../schema.ts'

const Terminated = Type.Array(
  Type.Object({
    address: Type.String(),
    /** Position of the event that ended it. */
    finalEvent: Type.String(),
  }),
)
export type Terminated = Static<typeof Terminated>

/** The row of a namespace, made at its first start. */
export async function keepNamespace(
  { db }: Transaction,
  { name, now }: { readonly name: string; readonly now: string },
): Promise<NamespaceRow> {
  const found = await db
    .selectFrom('namespaces')
    .selectAll()
    .where('name', '=', name)
    .executeTakeFirst()
  if (found) return found
  const row = { name, created: now, terminated: '[]' }
  await db.insertInto('namespaces').values(row).execute()
  return row
}

/** The contracts that the network has left behind. */
export const terminatedOf = ({ terminated }: NamespaceRow): Terminated =>
  Value.Parse(Terminated, JSON.parse(terminated))

export async function writeTerminated(
  { db }: Transaction,
  name: string,
  terminated: Terminated,
): Promise<void> {
  await db
    .updateTable('namespaces')
    .set({ terminated: JSON.stringify(terminated) })
    .where('name', '=', name)
    .execute()
}
