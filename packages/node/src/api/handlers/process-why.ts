import { formatTime, type Process, type ProcessWhy } from '@concordat/protocol'
import type { Namespace } from '../../namespace.ts'

type Turn = Awaited<ReturnType<Namespace['processes']['turns']>>[number]

/** What a process waits for, as far as this node can tell. */
export async function explainProcess(
  namespace: Namespace,
  { id, topic, group, status, reason, awaited, deadlines }: Process,
): Promise<ProcessWhy> {
  const [all, tasks] = await Promise.all([namespace.blocked(), namespace.processes.turns(id)])
  // Members of another group may use the same topic.
  const blocked = all.filter(
    (each) => each.topic.split(/, ?/).includes(topic) && (each.group ?? group) === group,
  )
  const turns = tasks.map(toTurn)
  const next = nextOf(deadlines)
  const known = { process: id, status, awaited, blocked, ...(next && { next }), turns }
  return { ...known, text: describe(known, reason) }
}

const toTurn = ({ party, tasks }: Turn): ProcessWhy['turns'][number] => ({
  party,
  steps: tasks.map(({ step, role, since, due }) => ({
    step,
    ...(role !== undefined && { role }),
    since,
    ...(due !== undefined && { due: formatTime(due * 1000) }),
  })),
})

function nextOf(deadlines: Process['deadlines']): ProcessWhy['next'] {
  const [first] = Object.entries(deadlines).toSorted(([, a], [, b]) => (a < b ? -1 : 1))
  return first && { deadline: first[0], due: first[1] }
}

function describe(
  { status, awaited, blocked, next, turns }: Omit<ProcessWhy, 'text'>,
  reason: string | undefined,
): string {
  const because = reason === undefined ? '' : `: ${reason}`
  if (status === 'closed') return 'It has ended.'
  if (status === 'refused') return `It never began${because}.`
  if (status === 'parked' || status === 'halted') return `It stands still${because}.`
  if (status === 'waiting') return `Its creation is not decided yet${because}.`
  const [stuck] = blocked
  if (stuck) return `What was pinned next can't be decided: ${stuck.blockedBy.detail}.`
  if (awaited.length > 0) return `These have to join first: ${awaited.join(', ')}.`
  const waits = turns.map(({ party, steps }) => `${party} (${namesOf(steps)})`)
  const until = next ? `; deadline '${next.deadline}' is due at ${next.due}` : ''
  if (waits.length > 0) return `It is the turn of ${waits.join(', or of ')}${until}.`
  return `Nobody can take a step now${until}.`
}

const namesOf = (steps: ProcessWhy['turns'][number]['steps']): string =>
  [...new Set(steps.map(({ step }) => step))].join(', ')
