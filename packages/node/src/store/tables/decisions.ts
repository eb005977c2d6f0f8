import { formatTime, type ProcessDecision, RawJson } from '@concordat/protocol'
import type { DecisionRecord, StepRecord, Winner } from '@concordat/protocol/process'
import type { Kysely } from 'kysely'
import { inNamespace, type List, readPage } from '../collections.ts'
import { type FilterFields, hash, integer, seconds, text, time, uuid } from '../filter-fields.ts'
import type { DecisionRow } from '../process-schema.ts'
import type { Tables } from '../schema.ts'

export const decisionFields = {
  process: uuid('process'),
  n: integer('n'),
  verdict: text('verdict'),
  step: text('step'),
  role: text('role'),
  author: text('author'),
  message: uuid('message'),
  code: text('code'),
  deadline: text('deadline'),
  hash: hash('hash'),
  time: seconds('time'),
  sequence: integer('seq'),
  created: time('created'),
} satisfies FilterFields

/** A decision as callers see it. */
export const rowToDecision = ({ process, record, hash }: DecisionRow): ProcessDecision => ({
  ...toDecision(process, JSON.parse(record)),
  hash,
})

/** What a record says of an instance's decision, without the hash of all before it. */
export function toDecision(process: string, record: DecisionRecord): Omit<ProcessDecision, 'hash'> {
  const { n, verdict, code, t } = record
  return {
    process,
    n,
    verdict,
    ...(record.verdict === 'timeout'
      ? { deadline: record.deadline, due: formatTime(record.due * 1000) }
      : partsOfStep(record)),
    ...(code !== undefined && { code }),
    time: formatTime(t * 1000),
  }
}

function partsOfStep({
  step,
  role,
  author,
  message,
  rule,
  winner,
  of,
  output,
  effects,
}: StepRecord): Partial<ProcessDecision> {
  return {
    ...(step !== undefined && { step }),
    ...(role !== undefined && { role }),
    author,
    ...(message && { message: message.id }),
    ...(rule !== undefined && { rule }),
    ...(winner && { winner: partsOfWinner(winner) }),
    ...(of !== undefined && { of }),
    ...(output && { output: new RawJson(JSON.stringify(output)) }),
    ...(effects && { effects: new RawJson(JSON.stringify(effects)) }),
  }
}

const partsOfWinner = (winner: Winner): NonNullable<ProcessDecision['winner']> => ({ ...winner })

export const listDecisions: List<'decisions', ProcessDecision> = (db, namespace, filter, also) =>
  readPage(
    db
      .selectFrom('decisions')
      .selectAll()
      .where((eb) => inNamespace(eb, namespace, filter, also)),
    filter,
    rowToDecision,
  )

export async function getDecision(
  db: Kysely<Tables>,
  namespace: string,
  { process, n }: Pick<ProcessDecision, 'process' | 'n'>,
): Promise<ProcessDecision | undefined> {
  const row = await db
    .selectFrom('decisions')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('process', '=', process)
    .where('n', '=', n)
    .executeTakeFirst()
  return row && rowToDecision(row)
}

/** The decision on a message. */
export async function decisionOfMessage(
  db: Kysely<Tables>,
  namespace: string,
  message: string,
): Promise<ProcessDecision | undefined> {
  const row = await db
    .selectFrom('decisions')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('message', '=', message)
    .executeTakeFirst()
  return row && rowToDecision(row)
}

/** The last decisions on an instance, newest first. */
export async function latestDecisions(
  db: Kysely<Tables>,
  namespace: string,
  process: string,
  limit: number,
): Promise<ProcessDecision[]> {
  const rows = await db
    .selectFrom('decisions')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('process', '=', process)
    .orderBy('n', 'desc')
    .limit(limit)
    .execute()
  return rows.map(rowToDecision)
}
