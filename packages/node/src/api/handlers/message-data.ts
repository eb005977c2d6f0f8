import type { Data, Message, MessageInOut } from '@concordat/protocol'
import type { Namespace } from '../../namespace.ts'
import { rowToData } from '../../store/tables/data.ts'

const MAX_IDS = 500

/** Data by id; what is not here is left out. */
export async function readData(
  { database, name }: Namespace,
  ids: readonly string[],
): Promise<Map<string, Data>> {
  const data = new Map<string, Data>()
  for (let from = 0; from < ids.length; from += MAX_IDS) {
    const rows = await database.read
      .selectFrom('data')
      .selectAll()
      .where('namespace', '=', name)
      .where('id', 'in', ids.slice(from, from + MAX_IDS))
      .execute()
    for (const row of rows) data.set(row.id, rowToData(row))
  }
  return data
}

/** The data of a message, in its order. */
export async function readMessageData(namespace: Namespace, message: Message): Promise<Data[]> {
  const data = await readData(
    namespace,
    message.data.map(({ id }) => id),
  )
  return message.data.flatMap(({ id }) => data.get(id) ?? [])
}

/** Messages with their data in place of the references. */
export async function withData(
  namespace: Namespace,
  messages: readonly Message[],
): Promise<MessageInOut[]> {
  const data = await readData(namespace, [
    ...new Set(messages.flatMap((message) => message.data.map(({ id }) => id))),
  ])
  return messages.map((message) => ({
    ...message,
    data: message.data.map((ref) => inline(ref, data.get(ref.id))),
  }))
}

function inline(
  ref: Message['data'][number],
  data: Data | undefined,
): MessageInOut['data'][number] {
  if (!data) return ref
  const { id, hash, validator, datatype, value, blob } = data
  return {
    id,
    hash,
    validator,
    ...(datatype && { datatype }),
    ...(value && { value }),
    ...(blob && { blob }),
  }
}
