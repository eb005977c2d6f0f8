import type { Moment } from './environment.ts'
import { type Ruling, reject } from './ruling.ts'
import { makeSituation } from './situation.ts'
import type { Frame, Situation, StageEntry } from './state.ts'

/** Steps that every definition has. */
export const controlSteps = { tick: '$tick', join: '$join', adopt: '$adopt' } as const

/** Control steps of flow/1 that need what this version does not know. */
const UNKNOWN = new Set(['$attest', '$leave', '$migrate'])

export const isControl = (step: string): boolean => step.startsWith('$')

/** Rules on a control step of an instance. */
export function judgeControl(frame: Frame, moment: Moment, author: string, step: string): Ruling {
  if (moment.situation.closed) return reject('CLOSED')
  if (step === controlSteps.tick) return { verdict: 'accepted' }
  if (step === controlSteps.join) return join(frame, moment, author)
  if (step === controlSteps.adopt) {
    const standing = frame.definition.document.govern?.consent === 'standing'
    return standing ? join(frame, moment, author) : reject('JOIN_NEEDED')
  }
  return UNKNOWN.has(step) ? { verdict: 'parked', feature: step } : reject('UNKNOWN_STEP')
}

/** A party consents; with the last consent the instance starts, and its stages are entered. */
function join(frame: Frame, moment: Moment, author: string): Ruling {
  const { situation, n, now } = moment
  const { waiting } = situation
  if (waiting.includes(author)) {
    const left = waiting.filter((did) => did !== author)
    const entries = left.length === 0 ? restart(situation, { n, now }) : situation.entries
    const parts = { ...situation, n, waiting: left, entries }
    return { verdict: 'accepted', situation: makeSituation(frame, parts) }
  }
  if (frame.rolesOf.has(author)) return reject('ALREADY_JOINED')
  if (waiting.length > 0) return reject('NOT_AUTHORISED')
  return { verdict: 'parked', feature: '$join after the start' }
}

function restart(
  { entries }: Situation,
  { n, now }: Pick<Moment, 'n' | 'now'>,
): Situation['entries'] {
  const entered: Record<string, StageEntry> = Object.create(null)
  for (const [track, entry] of Object.entries(entries)) entered[track] = { ...entry, n, since: now }
  return entered
}
