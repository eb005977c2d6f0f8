import { type Calendar, type Calendars, daysOfDate } from '../values/calendar.ts'
import { parseIsoDuration } from '../values/duration.ts'
import { RuleFault } from '../values/fault.ts'
import type { Findings } from './faults.ts'
import { type Path, quote } from './path.ts'
import type { CalendarTable, Definition, Step, Votes } from './types.ts'

/** 100 years of 365.25 days. */
const MAX_SECONDS = 3_155_760_000n

/** Every duration must be real, and every hold must end. */
export function checkTimes(definition: Definition, findings: Findings): void {
  const { govern = {}, steps, deadlines = {} } = definition
  checkDuration(govern.gap?.window, ['govern', 'gap', 'window'], findings)
  for (const kind of ['join', 'leave', 'migrate'] as const) {
    checkDuration(govern[kind]?.within, ['govern', kind, 'within'], findings)
  }
  for (const [name, step] of Object.entries(steps)) checkStep(step, ['steps', name], findings)
  for (const [name, { after }] of Object.entries(deadlines)) {
    checkDuration(after, ['deadlines', name, 'after'], findings)
  }
}

function checkStep(step: Step, path: Path, findings: Findings): void {
  for (const [i, remind] of (step.task?.remind ?? []).entries()) {
    checkDuration(remind, [...path, 'task', 'remind', i], findings)
  }
  for (const [i, { within }] of (step.effects ?? []).entries()) {
    checkDuration(within, [...path, 'effects', i, 'within'], findings)
  }
  checkHold(step.receipt, [...path, 'receipt'], findings)
  checkHold(step.trigger?.oracle, [...path, 'trigger', 'oracle'], findings)
  for (const [i, { attest }] of (step.when ?? []).entries()) {
    checkHold(attest, [...path, 'when', i, 'attest'], findings)
  }
}

function checkHold(votes: Votes | undefined, path: Path, findings: Findings): void {
  if (votes === undefined) return
  if (votes.within === undefined) findings.add('HOLD_WITHOUT_END', path, {})
  checkDuration(votes.within, [...path, 'within'], findings)
}

function checkDuration(text: string | undefined, path: Path, findings: Findings): void {
  if (text === undefined || secondsOf(text) !== undefined) return
  findings.add('DURATION', path, { value: quote(text) })
}

/** Seconds of a duration that a definition may have. */
export function secondsOf(text: string): bigint | undefined {
  try {
    const seconds = parseIsoDuration(text)
    return seconds > 0n && seconds < MAX_SECONDS ? seconds : undefined
  } catch (error) {
    if (error instanceof RuleFault) return undefined
    throw error
  }
}

/** The calendars of a definition, ready for rules; one with a fault stands empty, so that rules can name it. */
export function readCalendars(definition: Definition, findings: Findings): Calendars {
  const calendars: Record<string, Calendar> = Object.create(null)
  for (const [name, table] of Object.entries(definition.calendars ?? {})) {
    const before = findings.count
    checkCalendar(table, ['calendars', name], findings)
    const { weekend, holidays, utcOffset = 0 } = table
    const sound = findings.count === before
    calendars[name] = sound
      ? { weekend, holidays, utcOffset }
      : { weekend: [], holidays: [], utcOffset: 0 }
  }
  return Object.freeze(calendars)
}

function checkCalendar(table: CalendarTable, path: Path, findings: Findings): void {
  if (new Set(table.weekend).size === 7) {
    const problem = 'every day is a weekend, so a business day would never come'
    findings.add('CALENDAR', [...path, 'weekend'], { problem, suggestion: 'Leave a day out.' })
  }
  for (const [i, date] of table.holidays.entries()) {
    if (daysOfDate(date) !== undefined) continue
    const problem = `${quote(date)} is not a day of the calendar`
    const suggestion = 'Write dates such as "2026-12-25".'
    findings.add('CALENDAR', [...path, 'holidays', i], { problem, suggestion })
  }
}
