import type { EffectKind, EffectRequest, JsonMap } from '@concordat/protocol/process'
import { reportOf } from './report.ts'
import { type StepTaking, takeStep } from './take-step.ts'
import type { Progress, Work, WorkHandler } from './work.ts'

/** `content` of rows of kind `effect`. */
export interface EffectContent {
  readonly request: EffectRequest
  /** This node learned of it late: it may have done it, and forgotten. */
  readonly late: boolean
  /** Id of the message whose step asked for it. */
  readonly cause?: string
}

/** An effect to be done by a party of this node. */
export interface EffectTask extends EffectContent {
  /** The same however often it is asked for: `<instance>:<n>:<effect>`. */
  readonly idempotencyKey: string
  readonly process: string
  /** Hash of the instance's group. */
  readonly group: string
}

/** How an effect ended. */
export type EffectOutcome =
  | { readonly kind: 'confirmed'; readonly facts: JsonMap }
  | { readonly kind: 'failed'; readonly reason: string }

/** Does effects of one kind. */
export interface EffectPerformer {
  readonly kind: EffectKind
  /**
   * Begins it, once per idempotency key however often this is called; resolves what it is known by from then on. Throws if it
   * could not be begun and is to be tried again.
   */
  begin(task: EffectTask): Promise<{ readonly reference: string } | EffectOutcome>
  /** How what was begun has ended; undefined while it is under way. */
  end(reference: string): Promise<EffectOutcome | undefined>
}

export interface EffectDeps extends StepTaking {
  readonly performers: readonly EffectPerformer[]
  /** Whether this node learns of what was decided a while ago. */
  readonly isCatchingUp: () => boolean
}

/** Does effects, and reports their end by the step that the definition has for it. */
export const createEffectHandler = (deps: EffectDeps): WorkHandler => ({
  kind: 'effect',
  async work(work) {
    const content: EffectContent = JSON.parse(work.row.content)
    const { id, kind } = content.request
    if (isOver(work, id)) return { state: 'done' }
    const performer = deps.performers.find((each) => each.kind === kind)
    if (!performer) return { state: 'failed', reason: `this node does no ${kind}` }
    const { reference, state } = work.row
    if (content.late && deps.isCatchingUp()) return { state: 'open', again: 'soon' }
    if (state === 'open' || reference === null) return await begin(deps, work, performer, content)
    const outcome = await performer.end(reference)
    if (!outcome) return { state: 'begun', again: 'soon' }
    return await report(deps, work, content, outcome)
  },
})

/** Whether its end is known to all, or it was asked for anew since. */
function isOver({ row, state }: Work, id: string): boolean {
  const operation = state.situation.operations[id]
  return operation?.n !== row.n || operation.status !== 'requested'
}

async function begin(
  deps: EffectDeps,
  work: Work,
  performer: EffectPerformer,
  content: EffectContent,
): Promise<Progress> {
  const { row, process } = work
  const idempotencyKey = `${row.process}:${row.key}`
  const { id, groupHash: group } = process
  const begun = await performer.begin({ ...content, idempotencyKey, process: id, group })
  return 'reference' in begun
    ? { state: 'begun', again: 'soon', reference: begun.reference }
    : await report(deps, work, content, begun)
}

async function report(
  deps: EffectDeps,
  work: Work,
  { request }: EffectContent,
  outcome: EffectOutcome,
): Promise<Progress> {
  const found = reportOf(work.state, request, outcome)
  if (found.kind === 'step')
    return await takeStep(deps, work, { process: work.row.process, ...found.step }, 'reporting')
  if (outcome.kind === 'failed') return { state: 'failed', reason: outcome.reason }
  return found.kind === 'none' ? { state: 'done' } : { state: 'failed', reason: found.reason }
}
