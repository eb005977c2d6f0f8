import type {
  EffectRequest,
  InstanceState,
  Json,
  LoadedStep,
  ProfileSchema,
} from '@concordat/protocol/process'
import type { EffectOutcome } from './effects.ts'
import { type OwnStep, ownRole } from './take-step.ts'

/** What is to be said of an effect's end. */
export type Report =
  | { readonly kind: 'step'; readonly step: Omit<OwnStep, 'process'> }
  /** The definition asks for no report. */
  | { readonly kind: 'none' }
  | { readonly kind: 'impossible'; readonly reason: string }

const NOTHING: { readonly [name: string]: ProfileSchema } = {}
const MAX_REASON = 200

/** The step by which a party reports an effect's end, with as much of it as the step's input takes in. */
export function reportOf(
  state: InstanceState,
  { id, by }: Pick<EffectRequest, 'id' | 'by'>,
  outcome: EffectOutcome,
): Report {
  const steps = [...state.frame.definition.steps.values()]
  const step = steps.find(({ document }) => document.result === id)
  if (!step) return { kind: 'none' }
  const role = ownRole(state, step.name, by)
  if (role === undefined)
    return { kind: 'impossible', reason: `${by} has no role that may report by ${step.name}` }
  const { properties } = partsOf(step)
  if (outcome.kind === 'failed' && !Object.hasOwn(properties, 'failed'))
    return { kind: 'impossible', reason: `${step.name} can't say that it failed` }
  return {
    kind: 'step',
    step: { step: step.name, role, author: by, input: inputOf(step, outcome) },
  }
}

const partsOf = ({ input }: LoadedStep) =>
  typeof input === 'object'
    ? { properties: input.properties ?? NOTHING, required: input.required ?? [] }
    : { properties: NOTHING, required: [] }

function inputOf(step: LoadedStep, outcome: EffectOutcome): Record<string, Json> {
  const { properties, required } = partsOf(step)
  const facts: Record<string, Json> =
    outcome.kind === 'failed'
      ? {
          failed: true,
          reason: shorten(
            outcome.reason,
            Object.hasOwn(properties, 'reason') ? properties.reason : undefined,
          ),
        }
      : { ...outcome.facts, ...(required.includes('failed') && { failed: false }) }
  return Object.fromEntries(
    Object.entries(facts).filter(([name]) => Object.hasOwn(properties, name)),
  )
}

const shorten = (reason: string, schema: ProfileSchema | undefined): string =>
  [...reason]
    .slice(0, Math.min((typeof schema === 'object' && schema.maxLength) || MAX_REASON, MAX_REASON))
    .join('')
