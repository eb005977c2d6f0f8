import { NodeError } from '@concordat/protocol'
import { createGroupCommit } from '../lib/group-commit.ts'
import type { World } from '../lib/world.ts'
import type { Database, Transaction } from '../store/database.ts'
import type { DataRow, MessageRow } from '../store/schema.ts'
import { dataToRow } from '../store/tables/data.ts'
import { messageToRow } from '../store/tables/messages.ts'
import type { Draft } from './draft.ts'
import type { NewGroup } from './groups.ts'

/** One request: a message, and what must be there before it. All of it is written, or none. */
export interface Writing {
  readonly draft: Draft
  readonly newGroup?: NewGroup
}

export interface MessageWriter {
  /** Resolves when the message is durable; FF10430 when its idempotency key was used before. */
  write(writing: Writing): Promise<void>
  readonly waiting: number
}

export interface MessageWriterDeps {
  readonly namespace: string
  readonly database: Database
  readonly world: Pick<World, 'yield'>
  /** Told after each commit what was written, in order: so that sealing need not read it back. */
  readonly onWritten: (messages: readonly MessageRow[], data: readonly DataRow[]) => void
}

const MAX_GROUP = 500

/** Requests that arrive together share one transaction. */
export function createMessageWriter({
  namespace,
  database,
  world,
  onWritten,
}: MessageWriterDeps): MessageWriter {
  const writeGroup = (writings: readonly Writing[]): Promise<(true | Error)[]> =>
    database.transaction(async (tx) => {
      const clashes = await findClashes(tx, namespace, writings)
      const accepted = writings.filter((_, i) => clashes[i] === undefined)
      const drafts = await withGroups(tx, namespace, accepted)
      const { messages, data } = await insertDrafts(tx, namespace, drafts)
      tx.onCommit(() => onWritten(messages, data))
      return writings.map((_, i) => clashes[i] ?? true)
    })

  const group = createGroupCommit<Writing, true>({
    maxGroup: MAX_GROUP,
    world,
    // What breaks one request must not break the others of its group.
    write: (writings) =>
      writeGroup(writings).catch(async (error: unknown) => {
        if (writings.length === 1) throw error
        const results: (true | Error)[] = []
        for (const writing of writings) {
          results.push(
            ...(await writeGroup([writing]).catch((cause: unknown) => [
              cause instanceof Error ? cause : new Error(String(cause)),
            ])),
          )
        }
        return results
      }),
  })
  return {
    write: async (writing) => void (await group.add(writing)),
    get waiting() {
      return group.waiting
    },
  }
}

/** Per writing: the error of an idempotency key that is in the table, or earlier in this group. */
async function findClashes(
  { db }: Transaction,
  namespace: string,
  writings: readonly Writing[],
): Promise<(Error | undefined)[]> {
  const keys = writings.flatMap(({ draft }) => draft.message.idempotencyKey ?? [])
  if (keys.length === 0) return []
  const used = new Map<string, string>()
  const rows = await db
    .selectFrom('messages')
    .select(['id', 'idempotencyKey'])
    .where('namespace', '=', namespace)
    .where('idempotencyKey', 'in', keys)
    .execute()
  for (const { id, idempotencyKey } of rows)
    if (idempotencyKey !== null) used.set(idempotencyKey, id)
  return writings.map(({ draft }) => {
    const { header, idempotencyKey: key } = draft.message
    if (key === undefined) return undefined
    const owner = used.get(key)
    used.set(key, owner ?? header.id)
    return owner === undefined ? undefined : new NodeError('FF10430', { key, id: owner })
  })
}

/** The drafts in order, each new group's announcement before its first message; groups written already are left out. */
async function withGroups(
  tx: Transaction,
  namespace: string,
  writings: readonly Writing[],
): Promise<Draft[]> {
  const drafts: Draft[] = []
  const made = new Set<string>()
  for (const { draft, newGroup } of writings) {
    if (newGroup && !made.has(newGroup.row.hash)) {
      made.add(newGroup.row.hash)
      const seq = tx.sequence('groups', 1)
      const inserted = await tx.insertMany('groups', [{ ...newGroup.row, namespace, seq }], {
        skipConflicts: true,
      })
      if (inserted > 0) drafts.push(newGroup.draft)
    }
    drafts.push(draft)
  }
  return drafts
}

async function insertDrafts(
  tx: Transaction,
  namespace: string,
  drafts: readonly Draft[],
): Promise<{ messages: MessageRow[]; data: DataRow[] }> {
  if (drafts.length === 0) return { messages: [], data: [] }
  let dataSeq = tx.sequence(
    'data',
    drafts.reduce((n, { data }) => n + data.length, 0),
  )
  const data = drafts.flatMap((draft) =>
    draft.data.map((item) => dataToRow(item, { seq: dataSeq++, namespace })),
  )
  await tx.insertMany('data', data)
  const first = tx.sequence('messages', drafts.length)
  const messages = drafts.map(({ message, size }, i) =>
    messageToRow(message, { seq: first + i, namespace, size }),
  )
  await tx.insertMany('messages', messages)
  await tx.insertMany(
    'messageData',
    drafts.flatMap(({ message }) =>
      message.data.map(({ id }) => ({ namespace, dataId: id, messageId: message.header.id })),
    ),
  )
  return { messages, data }
}
