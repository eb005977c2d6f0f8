import { formatTime, NodeError, type Process, RawJson, trimTime } from '@concordat/protocol'
import { type InstanceView, instanceTopic } from '@concordat/protocol/process'
import type { Kysely } from 'kysely'
import { inNamespace, type List, readPage } from '../collections.ts'
import { type FilterFields, hash, heldValue, integer, text, time, uuid } from '../filter-fields.ts'
import type { ProcessRow } from '../process-schema.ts'
import type { Tables } from '../schema.ts'

export const processFields = {
  id: uuid('id'),
  flow: hash('flow'),
  name: text('name'),
  version: text('version'),
  group: hash('groupHash'),
  creator: text('creator'),
  message: uuid('message'),
  status: text('status'),
  n: integer('n'),
  created: time('created'),
  updated: time('updated'),
} satisfies FilterFields

const VALUE = /^(stage|state|party)\./
const VALUE_NAME = /^\w+\.[a-zA-Z][a-zA-Z0-9_]{0,39}$/

/**
 * `processFields`, and of `names` those that say what processes hold: `stage.<track>`, `state.<field>`, `party.<role>`, and
 * `party` for any role. Names of tracks, fields and roles are as in the definition, with their case. Throws FF00142.
 */
export function fieldsOfProcesses(namespace: string, names: Iterable<string>): FilterFields {
  const fields: Record<string, FilterFields[string]> = { ...processFields }
  for (const name of names) {
    if (name === 'party' || VALUE.test(name)) {
      if (name !== 'party' && !VALUE_NAME.test(name))
        throw new NodeError('FF00142', { field: name.slice(0, 100) })
      fields[name] = heldValue(namespace, name)
    }
  }
  return fields
}

/** Unix seconds as a time. */
const timeOf = (seconds: number): string => formatTime(seconds * 1000)

export function rowToProcess(row: ProcessRow): Process {
  // Nothing is in it until the creation is decided.
  const view: Partial<InstanceView> = JSON.parse(row.view)
  const { parties = {}, waiting = [], stages = {}, deadlines = {}, operations = {} } = view
  return {
    id: row.id,
    flow: row.flow,
    name: row.name,
    version: row.version,
    group: row.groupHash,
    topic: instanceTopic(view.instance ?? row.id),
    creator: row.creator,
    message: row.message,
    status: row.status,
    ...(row.reason !== null && { reason: row.reason }),
    parties: mapValues(parties, (dids) => [...dids]),
    awaited: [...waiting],
    stages: mapValues(stages, ({ stage, since }) => ({ stage, since: timeOf(since) })),
    state: new RawJson(JSON.stringify(view.state ?? {})),
    deadlines: mapValues(deadlines, timeOf),
    operations: { ...operations },
    n: row.n,
    hash: row.hash,
    clock: timeOf(row.clock),
    created: trimTime(row.created),
    updated: trimTime(row.updated),
  }
}

const mapValues = <T, S>(
  table: { readonly [name: string]: T },
  map: (value: T) => S,
): Record<string, S> =>
  Object.fromEntries(Object.entries(table).map(([name, value]) => [name, map(value)]))

export const listProcesses: List<'processes', Process> = (db, namespace, filter, also) =>
  readPage(
    db
      .selectFrom('processes')
      .selectAll()
      .where((eb) => inNamespace(eb, namespace, filter, also)),
    filter,
    rowToProcess,
  )

export async function getProcess(
  db: Kysely<Tables>,
  namespace: string,
  id: string,
): Promise<Process | undefined> {
  const row = await db
    .selectFrom('processes')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && rowToProcess(row)
}
