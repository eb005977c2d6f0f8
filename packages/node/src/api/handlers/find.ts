import { NodeError, parseUuid } from '@concordat/protocol'
import type { Kysely } from 'kysely'
import type { Namespace } from '../../namespace.ts'
import type { List } from '../../store/collections.ts'
import { parseFilter } from '../../store/filter.ts'
import type { FilterFields } from '../../store/filter-fields.ts'
import type { Tables } from '../../store/schema.ts'
import { type AnyCall, type ApiContext, type ListLimits, ListReply } from '../handler.ts'
import type { Query } from '../query.ts'

/** A UUID of a path, in its kept form. */
export function uuidOf(text: string): string {
  const id = parseUuid(text)
  if (id === undefined) throw new NodeError('FF00138', { input: text })
  return id
}

/** A hash of a path, in its kept form. */
export function hashOf(text: string): string {
  const hash = text.toLowerCase().replace(/^0x/, '')
  if (!/^[0-9a-f]{64}$/.test(hash)) throw new NodeError('FF00139', { input: text })
  return hash
}

/** What was looked for, or a 404 that names it. */
export function found<T>(item: T | undefined, what: string): T {
  if (item === undefined) throw new NodeError('FF10143', { what })
  return item
}

type Get<Item> = (db: Kysely<Tables>, namespace: string, key: string) => Promise<Item | undefined>

/** One row of a namespace by its key. */
export const getOne = async <Item>(
  { database, name }: Namespace,
  get: Get<Item>,
  key: string,
): Promise<Item> => found(await get(database.read, name, key), key)

type Page<Item> = { readonly items: readonly Item[]; readonly total?: number }

/** Rows of a namespace as a query asks for them. */
export async function listRows<T extends keyof Tables, Item>(
  { database, name }: Namespace,
  query: Query,
  { defaultLimit, maxLimit }: ListLimits,
  fields: FilterFields,
  list: List<T, Item>,
  also?: Parameters<List<T, Item>>[3],
): Promise<Page<Item>> {
  const filter = parseFilter(fields, query, { defaultLimit, maxLimit, maxSkip: maxLimit })
  return list(database.read, name, filter, also)
}

/** A list as a call asks for it. */
export const listOf = <T extends keyof Tables, Item>(
  { namespace, query }: AnyCall,
  { limits }: ApiContext,
  fields: FilterFields,
  list: List<T, Item>,
  also?: Parameters<List<T, Item>>[3],
): Promise<Page<Item>> => listRows(namespace, query, limits, fields, list, also)

/** The same, as a reply. */
export async function replyList<T extends keyof Tables, Item>(
  ...args: Parameters<typeof listOf<T, Item>>
): Promise<ListReply> {
  const { items, total } = await listOf(...args)
  return new ListReply(items, total)
}
