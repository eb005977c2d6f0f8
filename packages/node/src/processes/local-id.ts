import { sha256Hex } from '@concordat/protocol'
import type { SettledPin } from '../aggregator/settled-pin.ts'
import type { Transaction } from '../store/database.ts'

/** An instance as its members name it. Members of another group may use the same UUID: they mean another instance. */
export type InstanceName = Pick<SettledPin, 'group'> & { readonly instance: string }

/**
 * The id of an instance here: the UUID that its members gave it, unless an instance of another group had that first. Only
 * somebody who wants to deceive makes such a one.
 */
export async function localId(
  { db }: Pick<Transaction, 'db'>,
  namespace: string,
  { instance, group }: InstanceName,
): Promise<string> {
  for (let id = instance; ; id = another(id, group)) {
    const row = await db
      .selectFrom('processes')
      .select('groupHash')
      .where('namespace', '=', namespace)
      .where('id', '=', id)
      .executeTakeFirst()
    if (!row || row.groupHash === group) return id
  }
}

function another(id: string, group: string): string {
  const hex = sha256Hex(`${group}/${id}`)
  const [low, high] = [hex.slice(0, 12), hex.slice(12)]
  return [
    low.slice(0, 8),
    low.slice(8),
    `8${high.slice(0, 3)}`,
    `8${high.slice(3, 6)}`,
    high.slice(6, 18),
  ].join('-')
}
