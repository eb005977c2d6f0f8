import {
  createInstance,
  decide,
  type InstanceState,
  loadDefinition,
  parseStrict,
  readCreation,
  readPayload,
} from '@concordat/protocol/process'
import type { Players } from './players.ts'
import type { SimNode } from './sim-node.ts'

type Row = Record<string, unknown>

/** What must be so of processes when all is quiet. One line for each thing that is not. */
export function findProcessFaults(nodes: readonly SimNode[], players: Players): string[] {
  const faults: string[] = []
  for (const [id, names] of players.instances) {
    const members = nodes.filter(({ name }) => names.includes(name))
    faults.push(...agreeOn(id, members))
    for (const node of members) faults.push(...keepsOrder(node, id), ...decidesAgainAlike(node, id))
  }
  for (const node of nodes) faults.push(...doublesNothing(node))
  return [...faults, ...sendsEachOnce(players), ...decidesEachOnce(nodes, players)]
}

const instanceAt = ({ database }: SimNode, id: string): Row | undefined =>
  database.rows(`select * from processes where id = '${id}'`)[0]

const decisionsAt = ({ database }: SimNode, id: string): readonly Row[] =>
  database.rows(`select * from decisions where process = '${id}' order by n`)

/** C1: the same decisions with the same hashes, and nothing that waits. */
function agreeOn(id: string, members: readonly SimNode[]): string[] {
  const [first, ...others] = members.map((node) => {
    const row = instanceAt(node, id)
    const { status, n, hash } = row ?? {}
    const chain = decisionsAt(node, id).map((decision) => `${decision.n} ${decision.hash}`)
    return { name: node.name, status, text: [status, n, hash, ...chain].join('\n') }
  })
  const faults = others
    .filter(({ text }) => text !== first?.text)
    .map(({ name }) => `${name} and ${first?.name} differ on process ${id}`)
  if (first && !['open', 'running', 'closed', 'refused'].includes(String(first.status)))
    faults.push(`process ${id} is ${first.status} at ${first.name}`)
  return faults
}

/** C3, T1, R1: no decision is missing, time does not go back, and nothing is taken twice that was offered once. */
function keepsOrder(node: SimNode, id: string): string[] {
  const decisions = decisionsAt(node, id)
  const missing = decisions.some(({ n }, i) => n !== i + 1)
  const back = decisions.some(({ time }, i) => Number(time) < Number(decisions[i - 1]?.time ?? 0))
  return [
    ...(missing ? [`${node.name}: a decision of ${id} is missing`] : []),
    ...(back ? [`${node.name}: time goes back in ${id}`] : []),
    ...(isTakenTwice(decisions) ? [`${node.name}: ${id} has two winners`] : []),
  ]
}

const TAKES = new Set<unknown>(['take', 'withdraw'])

function isTakenTwice(decisions: readonly Row[]): boolean {
  const moves = decisions.flatMap(({ verdict, step, deadline }) => {
    if (verdict !== 'accepted' && verdict !== 'timeout') return []
    if (TAKES.has(step) || deadline === 'stale') return ['taken']
    return step === 'offerAgain' ? ['open'] : []
  })
  return moves.some((move, i) => move === 'taken' && moves[i - 1] === 'taken')
}

/** C5: what the node holds is what its events make of its creation. */
function decidesAgainAlike(node: SimNode, id: string): string[] {
  const row = instanceAt(node, id)
  if (!row) return [`${node.name} does not know process ${id}`]
  const events = node.database.rows(
    `select * from process_events where process = '${id}' order by seq`,
  )
  const at = events.findIndex(({ message }) => message === row.message)
  let state = at < 0 ? undefined : create(node, row, events[at] ?? {})
  if (!state)
    return row.status === 'refused' ? [] : [`${node.name} can not create process ${id} again`]
  for (const event of events.slice(at + 1)) {
    const payload = payloadOf(event)
    if (!payload || event.void === 'REPEATED') continue
    const message = { id: String(event.message), hash: String(event.messageHash) }
    const common = { time: Number(event.time), author: String(event.author), payload }
    state = decide(state, event.message === null ? common : { ...common, message }).state
  }
  return row.status !== 'refused' && state.n === row.n && state.hash === row.hash
    ? []
    : [`${node.name} decides ${state.n} of ${id} when it begins again, and had decided ${row.n}`]
}

const textsOf = ({ content }: Row): readonly (string | undefined)[] =>
  (JSON.parse(String(content ?? '[]')) as (string | null)[]).map((text) => text ?? undefined)

const payloadOf = (event: Row) =>
  event.void === null
    ? readPayload(event.tag === null ? undefined : String(event.tag), textsOf(event))
    : ({ kind: 'void', code: event.void === 'MALFORMED' ? 'MALFORMED' : 'GAP' } as const)

function create({ database }: SimNode, row: Row, event: Row): InstanceState | undefined {
  const creation = readCreation(textsOf(event))
  const [flow] = database.rows(`select document from flows where hash = '${row.flow}'`)
  const [group] = database.rows(`select members from groups where hash = '${row.groupHash}'`)
  const { definition } = loadDefinition(parseStrict(String(flow?.document)))
  if (!creation || !definition) return undefined
  const members: { identity: string }[] = JSON.parse(String(group?.members))
  const adopted = database
    .rows(
      `select identity from flow_adoptions where flow = '${row.flow}' and position < '${event.position}'`,
    )
    .map(({ identity }) => String(identity))
  const result = createInstance(definition, creation, {
    author: String(event.author),
    time: Number(event.time),
    members: [...new Set(members.map(({ identity }) => identity))],
    adopted,
  })
  return result.outcome === 'created' ? result.state : undefined
}

/** R4: a wish is one message, however often it is wished. */
function sendsEachOnce({ submitted }: Players): string[] {
  const messages = new Map<string, string>()
  return submitted.flatMap(({ intent, message, by }) => {
    const first = messages.get(intent) ?? message
    messages.set(intent, first)
    return first === message ? [] : [`${by} sent ${intent} as ${first} and as ${message}`]
  })
}

/** R4: what a node took as a message is decided once, by every member. */
function decidesEachOnce(nodes: readonly SimNode[], { submitted, instances }: Players): string[] {
  const messages = new Map(submitted.map((each) => [each.message, each]))
  return [...messages.values()].flatMap(({ process, message, by }) =>
    nodes
      .filter(({ name }) => instances.get(process)?.includes(name))
      .flatMap(({ name, database }) => {
        const found = database.rows(`select n from decisions where message = '${message}'`)
        return found.length === 1
          ? []
          : [`${name} decided step ${message} of ${by} ${found.length} times`]
      }),
  )
}

function doublesNothing({ name, database }: SimNode): string[] {
  const unique: Record<string, string> = {
    decision: `select process || ' ' || n as thing from decisions`,
    'pin of a process': 'select process || position as thing from process_events',
    task: `select process || ' ' || step || ' ' || coalesce(role, '') || ' ' || party as thing
      from tasks where ended_by is null`,
    'event about a step': `select type || ' ' || reference as thing from events
      where type in ('process_created', 'process_step_accepted', 'process_step_rejected', 'process_step_voided')`,
  }
  return Object.entries(unique).flatMap(([kind, sql]) =>
    database
      .rows(`select thing, count(*) as times from (${sql}) group by thing having count(*) > 1`)
      .map(({ thing, times }) => `${name} has ${kind} ${thing} ${times} times`),
  )
}
