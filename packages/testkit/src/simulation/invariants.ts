import { inflateRawSync } from 'node:zlib'
import { type Sent, secretOf } from './senders.ts'
import type { SimNetwork } from './sim-network.ts'
import type { SimNode } from './sim-node.ts'
import { STRANGER } from './stranger.ts'

type Row = Record<string, unknown>

/** What must be so when all is quiet. One line for each thing that is not. */
export async function findFaults(network: SimNetwork, sent: readonly Sent[]): Promise<string[]> {
  const { nodes } = network
  const faults = [
    ...agreeOnPins(nodes),
    ...agreeOnDecisions(nodes),
    ...keepsWhatItTook(nodes, sent),
    ...keepsSecrets(nodes, sent),
    ...keepsTurns(nodes, sent),
    ...pinsOnce(network),
  ]
  for (const node of nodes) {
    faults.push(...doublesNothing(node), ...leavesNothing(node), ...tellsAll(node))
    const blocked = await node.running?.namespace.blocked()
    for (const block of blocked ?? []) faults.push(`${node.name} blocked: ${JSON.stringify(block)}`)
  }
  return faults
}

const text = (row: Row, ...keys: string[]): string => keys.map((key) => String(row[key])).join(' ')

/** Whether nothing is left to do at a node; what this misses, `findFaults` finds. */
export const isQuiet = ({ database }: SimNode): boolean =>
  openWork.every((sql) => database.rows(`${sql} limit 1`).length === 0)

const openWork = [
  `select id from messages where state in ('staged', 'ready', 'sent', 'pending')`,
  `select id from batches where state = 'sealed'`,
  `select seq from outbox`,
  `select id from operations where status in ('Initialized', 'Pending')`,
  `select seq from pins where dispatched = 0 and masked = 0`,
]

function leavesNothing({ name, database }: SimNode): string[] {
  return openWork.flatMap((sql) =>
    database
      .rows(sql.replace(/select \w+/, 'select *'))
      .map((row) => `${name} left: ${brief(row)}`),
  )
}

const brief = (row: Row): string => JSON.stringify(row).slice(0, 400)

/** The same pins in the same order everywhere. */
function agreeOnPins(nodes: readonly SimNode[]): string[] {
  const [first, ...others] = nodes.map(({ name, database }) => ({
    name,
    pins: database
      .rows('select * from pins order by seq')
      .map((row) => text(row, 'protocolId', 'idx', 'hash', 'signer', 'batch', 'payloadRef')),
  }))
  return others.flatMap(({ name, pins }) =>
    pins.join('\n') === first?.pins.join('\n')
      ? []
      : [`${name} read other pins than ${first?.name}`],
  )
}

/** Per context, the same messages were decided alike in the same order, by all who are party to it. */
function agreeOnDecisions(nodes: readonly SimNode[]): string[] {
  const perContext = new Map<string, Map<string, string[]>>()
  for (const { name, database } of nodes) {
    for (const row of decisions(database)) {
      const context = text(row, 'groupHash', 'topic')
      const lists = perContext.get(context) ?? new Map<string, string[]>()
      perContext.set(context, lists)
      lists.set(name, [...(lists.get(name) ?? []), text(row, 'type', 'reference', 'rejectReason')])
    }
  }
  const faults: string[] = []
  for (const [context, lists] of perContext) {
    const [first, ...others] = context.startsWith('null')
      ? nodes.map(({ name }) => [name, lists.get(name) ?? []] as const)
      : [...lists]
    for (const [name, list] of others) {
      const at = list.findIndex((line, i) => line !== first?.[1][i])
      if (at < 0 && list.length === first?.[1].length) continue
      faults.push(
        `${context}: ${name} and ${first?.[0]} differ at ${at}: ${list[at]} | ${first?.[1][at]}`,
      )
    }
  }
  return faults
}

/** Pinned messages' decisions in the order of their events. */
const decisions = (database: SimNode['database']): readonly Row[] =>
  database.rows(`select e.type, e.reference, e.topic, m.group_hash, m.reject_reason, m.author,
      m.idempotency_key, m.state
    from events e join messages m on m.id = e.reference
    where e.type in ('message_confirmed', 'message_rejected') and m.txtype <> 'unpinned'
    order by e.seq`)

/** Every message that a node took is final, alike at every party to it. */
function keepsWhatItTook(nodes: readonly SimNode[], sent: readonly Sent[]): string[] {
  const rows = new Map(
    nodes.map(({ name, database }) => [name, database.rows('select * from messages')]),
  )
  return sent.flatMap((message) => {
    const { idempotencyKey, from } = message
    const own = rows.get(from)?.filter((row) => row.idempotencyKey === idempotencyKey) ?? []
    return own.length === 1
      ? nodes.flatMap(({ name }) => isKept(name, message, own[0]?.id, rows.get(name) ?? []))
      : [`${idempotencyKey} is there ${own.length} times at ${from}`]
  })
}

function isKept(
  name: string,
  { idempotencyKey, group }: Sent,
  id: unknown,
  rows: readonly Row[],
): string[] {
  const there = rows.filter((row) => row.id === id)
  const party = !group || group.includes(name)
  if (there.length !== (party ? 1 : 0))
    return [`${idempotencyKey} is there ${there.length} times at ${name}`]
  const [message] = there
  if (!message || message.state === 'confirmed') return []
  return [`${idempotencyKey} is ${text(message, 'state', 'rejectReason')} at ${name}`]
}

/** One caller's messages are decided in the order they were sent, on each context. */
function keepsTurns(nodes: readonly SimNode[], sent: readonly Sent[]): string[] {
  const order = new Map(sent.map(({ idempotencyKey }, i) => [idempotencyKey, i]))
  const senders = new Map(sent.map(({ idempotencyKey, sender }) => [idempotencyKey, sender]))
  const faults: string[] = []
  for (const { name, database } of nodes) {
    const last = new Map<string, number>()
    for (const row of decisions(database)) {
      const key = String(row.idempotencyKey)
      const place = order.get(key)
      if (place === undefined) continue
      const lane = `${senders.get(key)} ${text(row, 'groupHash', 'topic')}`
      if ((last.get(lane) ?? -1) > place) faults.push(`${name}: ${key} was overtaken on ${lane}`)
      last.set(lane, place)
    }
  }
  return faults
}

function doublesNothing({ name, database }: SimNode): string[] {
  const unique: Record<string, string> = {
    message: 'select id as thing from messages',
    event: `select type || ' ' || reference || ' ' || coalesce(topic, '') as thing from events
      where type like 'message_%' or type like 'identity_%' or type = 'transaction_submitted'`,
    decision: `select reference || ' ' || topic as thing from events
      where type in ('message_confirmed', 'message_rejected')`,
    pin: `select protocol_id || ' ' || idx as thing from pins`,
    operation: `select tx || ' ' || type || ' ' || input as thing from operations where retry is null`,
    batch: `select id as thing from batches where state <> 'invalid'`,
  }
  return Object.entries(unique).flatMap(([kind, sql]) =>
    database
      .rows(`select thing, count(*) as times from (${sql}) group by thing having count(*) > 1`)
      .map((row) => `${name} has ${kind} ${text(row, 'thing')} ${text(row, 'times')} times`),
  )
}

/** Who listens hears all that was decided, and in order, though some of it more than once. */
function tellsAll({ name, database, listener }: SimNode): string[] {
  const decided = database
    .rows(
      `select id from events where type in ('message_confirmed', 'message_rejected') order by seq`,
    )
    .map(({ id }) => id)
  const { heard } = listener
  const at = decided.findIndex((id, i) => id !== heard[i])
  if (at < 0 && heard.length === decided.length) return []
  return [`${name} told ${heard.length} of ${decided.length} events, in order up to ${at}`]
}

/** No batch stands on the chain twice. */
function pinsOnce({ ledger }: SimNetwork): string[] {
  const seen = new Set<string>()
  return ledger.blocks.flatMap(({ transactions }) =>
    transactions.flatMap(({ call, key }) => {
      if (call.method !== 'pinBatch' || key === STRANGER) return []
      const { batchId } = call.pin
      const fault = seen.has(batchId) ? [`batch ${batchId} was pinned twice`] : []
      seen.add(batchId)
      return fault
    }),
  )
}

/** Nothing of a group is anywhere at a node that is no party to it. */
function keepsSecrets(nodes: readonly SimNode[], sent: readonly Sent[]): string[] {
  const groups = new Set(sent.flatMap(({ group }) => (group ? [group.join()] : [])))
  return nodes.flatMap((node) => {
    const held = dump(node).join('\n')
    return [...groups]
      .map((group) => group.split(','))
      .filter((group) => !group.includes(node.name) && held.includes(secretOf(group)))
      .map((group) => `${node.name} holds what only ${group.join()} may have`)
  })
}

/** All that a node holds, as text. */
export function dump({ database }: SimNode): string[] {
  const tables = database.rows(
    `select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' order by name`,
  )
  return tables.flatMap(({ name }) =>
    database.rows(`select * from ${name}`).map((row) => `${name} ${JSON.stringify(readable(row))}`),
  )
}

function readable(row: Row): Row {
  const { content, encoding } = row
  if (!(content instanceof Uint8Array)) return row
  const plain = encoding === 'deflate' ? inflateRawSync(content) : content
  return { ...row, content: Buffer.from(plain).toString() }
}
