import { type Message, trimTime } from '@concordat/protocol'
import type { Kysely } from 'kysely'
import type {
  BlockchainEventRow,
  DatatypeRow,
  IdentityRow,
  MessageRow,
  OperationRow,
  Tables,
  TransactionRow,
} from '../store/schema.ts'
import type { EventFacts } from './filter.ts'

/** Objects an event can carry, by their key in the delivery. */
export type SubjectKind =
  | 'message'
  | 'transaction'
  | 'datatype'
  | 'identity'
  | 'blockchainEvent'
  | 'operation'

/** The object an event refers to: what filters see of it, and its JSON text. */
export interface Subject {
  readonly kind: SubjectKind
  readonly facts: Partial<EventFacts>
  readonly message?: Message
  text(): string
}

const MAX_IDS = 500

/** Reads objects by id, a few hundred to a query. Ids that are not there are left out. */
export async function readSubjects(
  db: Kysely<Tables>,
  namespace: string,
  kind: SubjectKind,
  ids: readonly string[],
): Promise<Map<string, Subject>> {
  const subjects = new Map<string, Subject>()
  for (let from = 0; from < ids.length; from += MAX_IDS) {
    const page = ids.slice(from, from + MAX_IDS)
    for (const [id, subject] of await readPage(db, namespace, kind, page)) subjects.set(id, subject)
  }
  return subjects
}

async function readPage(
  db: Kysely<Tables>,
  namespace: string,
  kind: SubjectKind,
  ids: readonly string[],
): Promise<(readonly [string, Subject])[]> {
  switch (kind) {
    case 'message': {
      const rows = await select(db, 'messages', namespace, ids)
      return rows.map((row) => [row.id, subjectOfMessage(rowToMessage(row))])
    }
    case 'transaction': {
      const rows = await select(db, 'transactions', namespace, ids)
      return rows.map((row) => [row.id, subjectOfTransaction(row)])
    }
    case 'datatype': {
      const rows = await select(db, 'datatypes', namespace, ids)
      return rows.map((row) => [row.id, { kind, facts: {}, text: () => datatypeText(row) }])
    }
    case 'identity': {
      const rows = await select(db, 'identities', namespace, ids)
      return rows.map((row) => [row.id, { kind, facts: {}, text: () => identityText(row) }])
    }
    case 'blockchainEvent': {
      const rows = await select(db, 'blockchainEvents', namespace, ids)
      return rows.map((row) => [row.id, subjectOfBlockchainEvent(row)])
    }
    case 'operation': {
      const rows = await select(db, 'operations', namespace, ids)
      return rows.map((row) => [row.id, { kind, facts: {}, text: () => operationText(row) }])
    }
  }
}

interface SubjectRows {
  messages: MessageRow
  transactions: TransactionRow
  datatypes: DatatypeRow
  identities: IdentityRow
  blockchainEvents: BlockchainEventRow
  operations: OperationRow
}

async function select<T extends keyof SubjectRows>(
  db: Kysely<SubjectRows>,
  table: T,
  namespace: string,
  ids: readonly string[],
): Promise<SubjectRows[T][]> {
  const rows = await db
    .selectFrom<keyof SubjectRows>(table)
    .selectAll()
    .where('namespace', '=', namespace)
    .where('id', 'in', ids)
    .execute()
  return rows as SubjectRows[T][]
}

export function subjectOfMessage(message: Message): Subject {
  const { tag, group, author } = message.header
  let text: string | undefined
  return {
    kind: 'message',
    message,
    facts: { tag: tag ?? '', group: group ?? '', author },
    text() {
      text ??= JSON.stringify(message)
      return text
    },
  }
}

const subjectOfTransaction = (row: TransactionRow): Subject => ({
  kind: 'transaction',
  facts: { transactionType: row.type },
  text: () =>
    JSON.stringify({
      id: row.id,
      namespace: row.namespace,
      type: row.type,
      created: trimTime(row.created),
      idempotencyKey: row.idempotencyKey ?? undefined,
      blockchainIds: row.blockchainIds?.split(','),
    }),
})

const subjectOfBlockchainEvent = (row: BlockchainEventRow): Subject => ({
  kind: 'blockchainEvent',
  facts: { blockchainName: row.name, blockchainListener: row.listener ?? '' },
  text: () =>
    withRaw(
      {
        id: row.id,
        source: row.source,
        namespace: row.namespace,
        name: row.name,
        listener: row.listener ?? undefined,
        protocolId: row.protocolId,
        timestamp: trimTime(row.timestamp),
        tx: {
          type: row.txType ?? undefined,
          id: row.txId ?? undefined,
          blockchainId: row.txBlockchainId ?? undefined,
        },
      },
      { output: row.output, info: row.info },
    ),
})

const datatypeText = (row: DatatypeRow): string =>
  withRaw(
    {
      id: row.id,
      message: row.message ?? undefined,
      validator: row.validator,
      namespace: row.namespace,
      name: row.name,
      version: row.version,
      hash: row.hash,
      created: trimTime(row.created),
    },
    { value: row.value },
  )

const identityText = (row: IdentityRow): string =>
  withRaw(
    {
      id: row.id,
      did: row.did,
      type: row.type,
      parent: row.parent ?? undefined,
      namespace: row.namespace,
      name: row.name,
      description: row.description ?? undefined,
      messages: {
        claim: row.claimMessage,
        verification: row.verificationMessage,
        update: row.updateMessage,
      },
      created: trimTime(row.created),
      updated: trimTime(row.updated),
    },
    { profile: row.profile },
  )

const operationText = (row: OperationRow): string =>
  withRaw(
    {
      id: row.id,
      namespace: row.namespace,
      tx: row.tx,
      type: row.type,
      status: row.status,
      plugin: row.plugin,
      error: row.error ?? undefined,
      created: trimTime(row.created),
      updated: trimTime(row.updated),
      retry: row.retry ?? undefined,
    },
    { input: row.input, output: row.output },
  )

/** Adds fields that are stored as JSON text, as they are. */
function withRaw(fields: object, raw: Readonly<Record<string, string | null>>): string {
  const added = Object.entries(raw).flatMap(([name, text]) => (text ? [`"${name}":${text}`] : []))
  return [JSON.stringify(fields).slice(0, -1), ...added].join(',').concat('}')
}

function rowToMessage(row: MessageRow): Message {
  const { txparentType, txparentId } = row
  return {
    header: {
      id: row.id,
      ...(row.cid && { cid: row.cid }),
      type: row.type,
      ...(row.txtype && { txtype: row.txtype }),
      author: row.author,
      key: row.key,
      created: trimTime(row.created),
      namespace: row.networkNamespace,
      ...(row.groupHash && { group: row.groupHash }),
      topics: row.topics.split(','),
      ...(row.tag && { tag: row.tag }),
      datahash: row.datahash,
      ...(txparentType && {
        txparent: { type: txparentType, ...(txparentId && { id: txparentId }) },
      }),
    },
    localNamespace: row.namespace,
    hash: row.hash,
    ...(row.batch && { batch: row.batch }),
    ...(row.tx && { txid: row.tx }),
    state: row.state,
    ...(row.confirmed && { confirmed: trimTime(row.confirmed) }),
    ...(row.rejectReason && { rejectReason: row.rejectReason }),
    data: JSON.parse(row.dataRefs),
    ...(row.pins && { pins: row.pins.split(',') }),
    ...(row.idempotencyKey && { idempotencyKey: row.idempotencyKey }),
  }
}
