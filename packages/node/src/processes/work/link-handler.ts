import { NodeError, sha256Hex } from '@concordat/protocol'
import {
  createMeter,
  type Environment,
  type InstanceState,
  type Json,
  makeEnvironment,
  type ProfileSchema,
  type Rule,
  RuleFault,
  toCanonical,
  valueToJson,
} from '@concordat/protocol/process'
import type { Wait } from '../../namespace.ts'
import type { ProcessCommands } from '../processes.ts'
import type { Spine } from '../spine.ts'
import type { LinkCreation, LinkStep } from './link.ts'
import type { Links } from './links.ts'
import { type StepTaking, takeStep } from './take-step.ts'
import type { Progress, Work, WorkHandler } from './work.ts'

export interface LinkDeps extends StepTaking {
  readonly links: () => Links
  readonly processes: Pick<ProcessCommands, 'submit' | 'create'>
  readonly spine: Pick<Spine, 'find'>
}

const NO_WAIT: Wait = { confirm: false, timeoutMs: 0, signal: AbortSignal.abort() }

/** A link's rule has no value, until somebody corrects the bindings. */
class LinkFault extends Error {}

/** Does what follows from the end of an instance. */
export const createLinkHandler = (deps: LinkDeps): WorkHandler => ({
  kind: 'link',
  async work(work) {
    const link = deps.links().find(work.row.key)
    if (!link) return { state: 'done', reason: 'the bindings have no such link any more' }
    try {
      const environment = environmentOf(work.state)
      if (link.when && evaluate(link.when, environment) !== true) return { state: 'done' }
      const { does } = link
      return does.kind === 'create'
        ? await create(deps, work, does, environment)
        : await step(deps, work, does, environment)
    } catch (error) {
      if (error instanceof LinkFault)
        return { state: 'open', again: 'later', reason: error.message }
      throw error
    }
  },
})

const environmentOf = ({ frame, situation, clock, n }: InstanceState): Environment =>
  Object.assign(Object.create(null), makeEnvironment(frame, { situation, now: clock, n }), {
    process: frame.instance,
  })

function evaluate(rule: Rule, environment: Environment) {
  try {
    return rule.evaluate(environment, createMeter())
  } catch (error) {
    if (error instanceof RuleFault) throw new LinkFault(`${rule.text}: ${error.message}`)
    throw error
  }
}

async function create(
  { processes }: LinkDeps,
  { row }: Work,
  { flow, parties }: LinkCreation,
  environment: Environment,
): Promise<Progress> {
  const named: Record<string, string | string[]> = {}
  for (const [role, rule] of parties)
    named[role] = namesOf(toCanonical(evaluate(rule, environment)), rule)
  try {
    await processes.create({ id: idFor(row), flow, parties: named }, NO_WAIT)
    return { state: 'done' }
  } catch (error) {
    if (!(error instanceof NodeError)) throw error
    if (error.code === 'CC21007' || error.code === 'FF10430') return { state: 'done' }
    return { state: 'open', again: 'later', reason: error.message }
  }
}

function namesOf(value: Json, { text }: Rule): string | string[] {
  if (typeof value === 'string') return value
  const names = Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []
  if (names.length > 0) return names
  throw new LinkFault(`${text} names nobody`)
}

/** The same however often it is asked for. */
function idFor({ process, key }: Work['row']): string {
  const hex = sha256Hex(`ffp.link:${process}:${key}`)
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 3) | 8).toString(16)
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-')
}

async function step(
  deps: LinkDeps,
  { row }: Work,
  { process: target, step: name, role, input }: LinkStep,
  environment: Environment,
): Promise<Progress> {
  const process = evaluate(target, environment)
  if (typeof process !== 'string') throw new LinkFault(`${target.text} names no process`)
  const instance = await deps.spine.find(process)
  if (!instance?.state) return { state: 'open', again: 'later', reason: `${process} is not there` }
  const { state } = instance
  const schema = state.frame.definition.steps.get(name)?.input
  const values: Record<string, Json> = {}
  for (const [property, rule] of input)
    values[property] = valueToJson(evaluate(rule, environment), schemaOf(schema, property))
  return await takeStep(deps, { row, state }, { process, step: name, role, input: values }, 'open')
}

function schemaOf(schema: ProfileSchema | undefined, property: string): ProfileSchema | undefined {
  const properties = typeof schema === 'object' ? (schema.properties ?? {}) : {}
  return Object.hasOwn(properties, property) ? properties[property] : undefined
}
