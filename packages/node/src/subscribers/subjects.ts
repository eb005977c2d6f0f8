import { type Message, spliceJson } from '@concordat/protocol'
import type { Kysely } from 'kysely'
import type { Tables } from '../store/schema.ts'
import { rowToBlockchainEvent } from '../store/tables/blockchain-events.ts'
import { rowToDatatype } from '../store/tables/datatypes.ts'
import { rowToDecision } from '../store/tables/decisions.ts'
import { rowToIdentity } from '../store/tables/identities.ts'
import { rowToMessage } from '../store/tables/messages.ts'
import { rowToOperation } from '../store/tables/operations.ts'
import { rowToProcess } from '../store/tables/processes.ts'
import { rowToTransaction } from '../store/tables/transactions.ts'
import type { EventFacts } from './filter.ts'

/** Objects an event can carry, by their key in the delivery. */
export type SubjectKind =
  | 'message'
  | 'transaction'
  | 'datatype'
  | 'identity'
  | 'blockchainEvent'
  | 'operation'
  | 'decision'
  | 'process'

/** The object an event refers to: what filters see of it, and its JSON text. */
export interface Subject {
  readonly id: string
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
): Promise<readonly Subject[]> {
  const subjects: Subject[] = []
  for (let from = 0; from < ids.length; from += MAX_IDS) {
    subjects.push(...(await readPage(db, namespace, kind, ids.slice(from, from + MAX_IDS))))
  }
  return subjects
}

async function readPage(
  db: Kysely<Tables>,
  namespace: string,
  kind: SubjectKind,
  ids: readonly string[],
): Promise<readonly Subject[]> {
  switch (kind) {
    case 'message': {
      const query = db.selectFrom('messages').selectAll().where('namespace', '=', namespace)
      const rows = await query.where('id', 'in', ids).execute()
      return rows.map((row) => subjectOfMessage(rowToMessage(row)))
    }
    case 'transaction': {
      const query = db.selectFrom('transactions').selectAll().where('namespace', '=', namespace)
      const rows = await query.where('id', 'in', ids).execute()
      return rows.map((row) => subject(kind, rowToTransaction(row), { transactionType: row.type }))
    }
    case 'datatype': {
      const query = db.selectFrom('datatypes').selectAll().where('namespace', '=', namespace)
      const rows = await query.where('id', 'in', ids).execute()
      return rows.map((row) => subject(kind, rowToDatatype(row)))
    }
    case 'identity': {
      const query = db.selectFrom('identities').selectAll().where('namespace', '=', namespace)
      const rows = await query.where('id', 'in', ids).execute()
      return rows.map((row) => subject(kind, rowToIdentity(row)))
    }
    case 'blockchainEvent': {
      const query = db.selectFrom('blockchainEvents').selectAll().where('namespace', '=', namespace)
      const rows = await query.where('id', 'in', ids).execute()
      return rows.map((row) => {
        const facts = { blockchainName: row.name, blockchainListener: row.listener ?? '' }
        return subject(kind, rowToBlockchainEvent(row), facts)
      })
    }
    case 'operation': {
      const query = db.selectFrom('operations').selectAll().where('namespace', '=', namespace)
      const rows = await query.where('id', 'in', ids).execute()
      return rows.map((row) => subject(kind, rowToOperation(row)))
    }
    case 'decision': {
      const query = db.selectFrom('decisions').selectAll().where('namespace', '=', namespace)
      const rows = await query.where('message', 'in', ids).execute()
      return rows.map((row) => {
        const id = decisionKey(row.process, row.message ?? '')
        const decision = rowToDecision(row)
        const facts = { author: row.author ?? '' }
        return { id, kind, facts, text: () => spliceJson(decision) }
      })
    }
    case 'process': {
      const query = db.selectFrom('processes').selectAll().where('namespace', '=', namespace)
      const rows = await query.where('id', 'in', ids).execute()
      return rows.map((row) => subject(kind, rowToProcess(row)))
    }
  }
}

/** A message is decided on once by each process. */
export const decisionKey = (process: string, message: string): string => `${process}/${message}`

export function subjectOfMessage(message: Message): Subject {
  const { id, tag, group, author } = message.header
  const facts = { tag: tag ?? '', group: group ?? '', author }
  return { id, kind: 'message', message, facts, text: () => JSON.stringify(message) }
}

const subject = (
  kind: SubjectKind,
  object: { readonly id: string },
  facts: Partial<EventFacts> = {},
): Subject => ({ id: object.id, kind, facts, text: () => spliceJson(object) })
