import type { JsonMap } from '@concordat/protocol/process'
import type { Wait } from '../../namespace.ts'
import type { ProcessCommands, StepWish } from '../processes.ts'
import type { Progress, Work } from './work.ts'

export interface StepTaking {
  readonly processes: Pick<ProcessCommands, 'submit'>
}

const NO_WAIT: Wait = { confirm: false, timeoutMs: 0, signal: AbortSignal.abort() }

/** A step that is to be accepted once: without an intent, which follows from the row it is for. */
export interface OwnStep extends Pick<StepWish, 'process' | 'step' | 'role' | 'author'> {
  readonly input: JsonMap
}

/**
 * Submits a step for a row, or looks what became of it. What was not worth sending, or was decided against, is tried again
 * with a rest in between; the intent is another only if the last one was used up.
 */
export async function takeStep(
  { processes }: StepTaking,
  { row, state }: Pick<Work, 'row' | 'state'>,
  step: OwnStep,
  phase: 'open' | 'reporting',
): Promise<Progress> {
  const intents = phase === row.state ? row.intents : 0
  const intent = `ffp.${row.kind}:${row.process}:${row.key}:${intents}`
  const { decision, message } = await processes.submit({ ...step, intent }, NO_WAIT)
  if (!decision) return { state: phase, again: 'soon', intents }
  if (decision.verdict === 'accepted') return { state: 'done' }
  const reason = decision.rule ?? decision.code ?? decision.verdict
  if (state.situation.closed) return { state: 'done', reason }
  const isUsed = message !== undefined
  return { state: phase, again: 'later', reason, intents: isUsed ? intents + 1 : intents }
}

/** The first role of a party in which it may take a step. */
export function ownRole({ frame }: Work['state'], step: string, did: string): string | undefined {
  const by = frame.definition.steps.get(step)?.by
  return [...(frame.rolesOf.get(did) ?? [])].sort().find((role) => by?.has(role))
}
