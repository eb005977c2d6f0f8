import { type BlockedTopic, formatTime, trimTime } from '@concordat/protocol'
import { instanceTopic } from '@concordat/protocol/process'
import type { Database } from '../store/database.ts'

/** As many of each kind are told. */
const LIMIT = 100
/** Work that was tried so often in vain does not get on by itself. */
const PATIENCE = 5

/** Instances that stand still, and what this node can't get done for some. */
export async function blockedProcesses(
  namespace: string,
  database: Database,
): Promise<BlockedTopic[]> {
  return [
    ...(await standingProcesses(namespace, database)),
    ...(await stuckWork(namespace, database)),
    ...(await unreachableSystems(namespace, database)),
  ]
}

const standing = {
  waiting: {
    kind: 'waiting_process',
    mend: 'it goes on by itself once that is decided',
  },
  parked: {
    kind: 'parked_process',
    mend: 'a version of this node that knows it goes on when it is started',
  },
  halted: {
    kind: 'halted_process',
    mend: 'nothing is decided on it any more: begin another one, under a corrected definition',
  },
} as const

async function standingProcesses(namespace: string, { read }: Database): Promise<BlockedTopic[]> {
  const rows = await read
    .selectFrom('processes')
    .select(['id', 'groupHash', 'status', 'reason', 'updated', 'creator', 'message'])
    .select((eb) =>
      eb
        .selectFrom('processEvents')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .whereRef('processEvents.namespace', '=', 'processes.namespace')
        .whereRef('processEvents.process', '=', 'processes.id')
        .whereRef('processEvents.seq', '>=', 'processes.nextEvent')
        .as('behind'),
    )
    .where('namespace', '=', namespace)
    .where('status', 'in', ['waiting', 'parked', 'halted'])
    .orderBy('seq')
    .limit(LIMIT)
    .execute()
  return rows.map(({ id, groupHash, status, reason, updated, creator, message, behind }) => {
    const { kind, mend } = isStanding(status) ? standing[status] : standing.waiting
    return {
      topic: instanceTopic(id),
      context: id,
      group: groupHash,
      since: trimTime(updated),
      waiting: Number(behind ?? 0),
      blockedBy: {
        kind,
        process: id,
        message,
        author: creator,
        detail: `${reason ?? status}; ${mend}`,
      },
      actions: [],
    }
  })
}

const isStanding = (status: string): status is keyof typeof standing =>
  Object.hasOwn(standing, status)

async function stuckWork(namespace: string, { read }: Database): Promise<BlockedTopic[]> {
  const rows = await read
    .selectFrom('processWork as w')
    .innerJoin('processes as p', (join) =>
      join.onRef('p.namespace', '=', 'w.namespace').onRef('p.id', '=', 'w.process'),
    )
    .select(['w.process', 'w.kind', 'w.key', 'w.state', 'w.reason', 'w.updated', 'p.groupHash'])
    .where('w.namespace', '=', namespace)
    .where((eb) =>
      eb.or([
        eb.and([eb('w.state', '=', 'failed'), eb('p.status', 'in', ['open', 'running'])]),
        eb.and([
          eb('w.state', 'in', ['open', 'begun', 'reporting']),
          eb('w.kind', '<>', 'schedule'),
          eb('w.tries', '>=', PATIENCE),
        ]),
      ]),
    )
    .orderBy('w.seq')
    .limit(LIMIT)
    .execute()
  return rows.map(({ process, kind, key, state, reason, updated, groupHash }) => ({
    topic: instanceTopic(process),
    context: `${kind} ${key}`,
    group: groupHash,
    since: trimTime(updated),
    waiting: 0,
    blockedBy: {
      kind: 'stuck_work' as const,
      process,
      detail: `${kind} ${key}: ${reason ?? 'it does not get on'}; ${mendOf(kind, state)}`,
    },
    actions: [],
  }))
}

function mendOf(kind: string, state: string): string {
  if (kind === 'link') return 'it is tried again; correct the bindings, or remove the link'
  return state === 'failed'
    ? 'it is not tried again: somebody has to take the process on by hand'
    : 'it is tried again'
}

async function unreachableSystems(namespace: string, { read }: Database): Promise<BlockedTopic[]> {
  const rows = await read
    .selectFrom('processSyncs')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('tries', '>=', PATIENCE)
    .orderBy('name')
    .limit(LIMIT)
    .execute()
  return rows.map(({ name, cursor, due, reason, updated }) => ({
    topic: '',
    context: name,
    since: trimTime(updated),
    waiting: 0,
    blockedBy: {
      kind: 'unreachable_system' as const,
      detail: `${name} was told of steps up to ${cursor}, then ${reason ?? 'there was no answer'}; it is told again at ${formatTime(due * 1000)}`,
    },
    actions: [],
  }))
}
