import { describeInstance, type InstanceState } from '@concordat/protocol/process'
import { stagesToText, verdictToText } from './judge-play.ts'
import { type Moment, type Play, turnOf } from './play.ts'
import type { Scenario } from './scenario.ts'
import { membersOf, nameOf } from './telling.ts'

/** Every decision on a line: who did what when, what became of it, where the process stands, whose turn it is. */
export function playToLines(scenario: Scenario, { scenes, state }: Play): readonly string[] {
  const members = membersOf(scenario.parties)
  const head = ['n', 'time (UTC)', 'who', 'what', 'verdict', 'stages', 'turn']
  const rows = scenes.flatMap(({ moments }) => moments.map((moment) => rowOf(moment, members)))
  return [
    titleOf(scenario, state),
    ...Object.entries(scenario.parties).map(
      ([role, dids]) => `  ${role}: ${dids.map(nameOf).join(', ')}`,
    ),
    '',
    ...table([head, ...rows]),
    '',
    ...standing(state, members),
  ]
}

function titleOf({ title }: Scenario, { frame }: InstanceState): string {
  const { name, version } = frame.definition.document
  return `${name} ${version}${title === undefined ? '' : `: ${title}`}`
}

function rowOf({ decision: { record }, state }: Moment, members: readonly string[]): string[] {
  const isTimeout = record.verdict === 'timeout'
  const role = isTimeout || record.role === undefined ? '' : ` (${record.role})`
  return [
    String(record.n),
    timeToText(record.t),
    isTimeout ? 'deadline' : `${nameOf(record.author)}${role}`,
    isTimeout ? record.deadline : (record.step ?? ''),
    verdictToText(record),
    stagesToText(state),
    turnToText(state, members),
  ]
}

function turnToText(state: InstanceState, members: readonly string[]): string {
  const busy = members.filter((did) => turnOf(state, did).length > 0)
  return busy.map(nameOf).join(', ') || 'nobody'
}

/** `2026-12-01 09:00:00` */
function timeToText(seconds: number): string {
  const time = new Date(seconds * 1000)
  if (Number.isNaN(time.getTime())) return `second ${seconds}`
  return time.toISOString().slice(0, 19).replace('T', ' ')
}

function standing(state: InstanceState, members: readonly string[]): readonly string[] {
  const view = describeInstance(state)
  const fields = Object.entries(view.state).map(
    ([name, value]) => `  ${name}: ${JSON.stringify(value)}`,
  )
  const turns = members.flatMap((did) => {
    const steps = turnOf(state, did)
    return steps.length === 0 ? [] : [`  ${nameOf(did)}: ${steps.join(', ')}`]
  })
  const dues = Object.entries(view.deadlines).map(([name, at]) => `  ${name}: ${timeToText(at)}`)
  return [
    `State after decision ${view.n} (${stagesToText(state)}):`,
    ...fields,
    ...(dues.length === 0 ? [] : ['Deadlines:', ...dues]),
    ...(turns.length === 0 ? [endOf(state)] : ['May go on:', ...turns]),
  ]
}

function endOf({ stop, situation }: InstanceState): string {
  if (stop?.kind === 'parked') return `It is parked: this version does not know ${stop.feature}.`
  if (stop !== undefined) return `It is halted: ${stop.reason}.`
  return situation.closed ? 'It has ended.' : 'Nobody can do anything now.'
}

/** Columns as wide as their widest cell. */
function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, i) =>
    Math.max(...rows.map((row) => [...(row[i] ?? '')].length)),
  )
  return rows.map((row) =>
    row
      .map((cell, i) => cell + ' '.repeat((widths[i] ?? 0) - [...cell].length))
      .join('  ')
      .trimEnd(),
  )
}
