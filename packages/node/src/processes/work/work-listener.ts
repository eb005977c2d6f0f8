import { formatTime, padTime } from '@concordat/protocol'
import {
  type DecisionRecord,
  type InstanceState,
  type StepRecord,
  scheduledSteps,
} from '@concordat/protocol/process'
import type { World } from '../../lib/world.ts'
import type { Transaction } from '../../store/database.ts'
import type { ProcessWorkRow } from '../../store/process-schema.ts'
import type { Folded, FoldListener } from '../fold-listener.ts'
import { ownTurn, TURN_SECONDS, turnsAtStep } from '../turns.ts'
import type { EffectContent } from './effects.ts'
import type { Links } from './links.ts'
import type { ScheduleContent } from './schedules.ts'

export interface WorkListenerDeps {
  readonly namespace: string
  readonly world: Pick<World, 'now'>
  /** Whether a DID is a party of this node. */
  readonly isOurs: (did: string) => boolean
  readonly links: () => Links
  /** Told once rows are there. */
  readonly onWork: () => void
}

type NewWork = Pick<ProcessWorkRow, 'kind' | 'key' | 'n' | 'due' | 'content'>

export interface WorkListener extends FoldListener {
  /** Whether this node learns of what was decided a while ago. */
  isCatchingUp(): boolean
}

/** Older decisions may have been acted on already, by this node before it lost its database. */
const LATE_SECONDS = 30
/** How long nothing late must have been heard of before it is certain what was not done yet. */
const HOLD_SECONDS = 20

/** Writes down what this node is to do because of decisions, where they are written. */
export function createWorkListener(deps: WorkListenerDeps): WorkListener {
  let heardLate = Number.NEGATIVE_INFINITY
  return {
    isCatchingUp: () => deps.world.now() < heardLate + HOLD_SECONDS * 1000,
    async onFolded(tx, folded) {
      const now = Math.floor(deps.world.now() / 1000)
      if (folded.decisions.some(({ record }) => isLate(record, now))) heardLate = deps.world.now()
      const fresh = [...effectsOf(deps, folded, now), ...linksOf(deps, folded, now)]
      await insertWork(deps, tx, folded.process.id, fresh)
      if (hasSchedules(folded.state)) await schedule(deps, tx, folded)
      if (fresh.length > 0 || folded.process.nextDue !== null) tx.onCommit(deps.onWork)
    },
  }
}

function effectsOf({ isOurs }: WorkListenerDeps, { decisions }: Folded, now: number): NewWork[] {
  return decisions.flatMap(({ record }) => {
    if (record.verdict !== 'accepted') return []
    const { n, effects = [] } = record
    const late = isLate(record, now)
    return effects
      .filter(({ by }) => isOurs(by))
      .map((request) => ({
        kind: 'effect',
        key: `${n}:${request.id}`,
        n,
        due: now,
        content: JSON.stringify({ request, late, ...causeOf(record) } satisfies EffectContent),
      }))
  })
}

const isLate = ({ t }: DecisionRecord, now: number): boolean => t < now - LATE_SECONDS

const causeOf = ({ message }: StepRecord): { readonly cause?: string } =>
  message ? { cause: message.id } : {}

function linksOf(
  { links }: WorkListenerDeps,
  { process, before, state }: Folded,
  due: number,
): NewWork[] {
  if (before?.situation.closed || !state.situation.closed) return []
  const { n } = state
  return links()
    .following(process, state)
    .map((key) => ({ kind: 'link', key, n, due, content: '{}' }))
}

const hasSchedules = ({ frame }: InstanceState): boolean => {
  for (const { schedule } of frame.definition.steps.values()) if (schedule) return true
  return false
}

/** Replaces the rows of what is no longer to come; those that stay keep what they have tried. */
async function schedule(deps: WorkListenerDeps, tx: Transaction, folded: Folded): Promise<void> {
  const { process, state } = folded
  const coming = schedulesOf(deps, state)
  const keys = coming.map(({ key }) => key)
  await tx.db
    .deleteFrom('processWork')
    .where('namespace', '=', deps.namespace)
    .where('process', '=', process.id)
    .where('kind', '=', 'schedule')
    .$if(keys.length > 0, (query) => query.where('key', 'not in', keys))
    .execute()
  await insertWork(deps, tx, process.id, coming)
  if (coming.length > 0) tx.onCommit(deps.onWork)
}

function schedulesOf({ isOurs }: WorkListenerDeps, state: InstanceState): NewWork[] {
  const { n, clock } = state
  return scheduledSteps(state).flatMap(({ step, at }) => {
    const turn = ownTurn(turnsAtStep(state, step), isOurs)
    if (!turn) return []
    const content: ScheduleContent = { step, author: turn.did }
    return {
      kind: 'schedule',
      key: `${step}:${at}:${occasionOf(state, step)}`,
      n,
      // In the second after, so that the ledger's time has come to it too.
      due: Math.max(at + 1, clock) + TURN_SECONDS * turn.before,
      content: JSON.stringify(content),
    }
  })
}

/** Another one when the step's stages are entered again, or it was taken. */
function occasionOf({ frame, situation }: InstanceState, name: string): string {
  const step = frame.definition.steps.get(name)
  let since = 0
  for (const [track, { n }] of Object.entries(situation.entries))
    if (step?.in.has(track)) since = Math.max(since, n)
  return `${since}:${situation.counts[name]}`
}

async function insertWork(
  { namespace, world }: WorkListenerDeps,
  tx: Transaction,
  process: string,
  fresh: readonly NewWork[],
): Promise<void> {
  if (fresh.length === 0) return
  const now = padTime(formatTime(world.now()))
  const first = tx.sequence('processWork', fresh.length)
  const rows = fresh.map((work, i) => ({
    seq: first + i,
    namespace,
    process,
    ...work,
    state: 'open',
    tries: 0,
    intents: 0,
    reference: null,
    reason: null,
    created: now,
    updated: now,
  }))
  await tx.insertMany('processWork', rows, { skipConflicts: true })
}
