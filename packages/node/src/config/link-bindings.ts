import type { Rule } from '@concordat/protocol/process'
import { ruleReader } from './binding-rule.ts'
import { required, text } from './leaves.ts'
import { entriesOf, fault, isAbsent, type Place, type Spec, section, within } from './spec.ts'

/** What follows, at this node, from the end of an instance. */
export interface LinkBinding {
  readonly name: string
  /** The stages in which it ended, by track; where there are none, any. */
  readonly stages: ReadonlyMap<string, string>
  readonly when?: Rule | undefined
  readonly does:
    | {
        readonly kind: 'create'
        readonly flow: string
        readonly parties: ReadonlyMap<string, Rule>
      }
    | {
        readonly kind: 'step'
        readonly process: Rule
        readonly step: string
        readonly role?: string | undefined
        readonly input: ReadonlyMap<string, Rule>
      }
}

const anything: Spec<unknown> = { read: (raw) => raw, describe: () => [] }

const link = section({
  stage: anything,
  when: text('', 'A rule about the instance that ended'),
  create: anything,
  submit: anything,
})

/** Reads the section `links` of a definition's bindings. */
export const readLinks = (raw: unknown, place: Place): readonly LinkBinding[] =>
  entriesOf(raw, place).flatMap(([name, value]) => readLink(name, value, within(place, name)) ?? [])

function readLink(name: string, raw: unknown, place: Place): LinkBinding | undefined {
  const { stage, when, create, submit } = link.read(raw, place)
  const stages = new Map(
    entriesOf(stage, within(place, 'stage')).map(([track, each]) => [track, `${each}`]),
  )
  if (isAbsent(create) === isAbsent(submit)) {
    fault(place, 'names neither or both', 'write either create or submit')
    return undefined
  }
  return {
    name,
    stages,
    when: when === '' ? undefined : readRule(when, within(place, 'when')),
    does: isAbsent(create)
      ? readStep(submit, within(place, 'submit'))
      : readCreation(create, within(place, 'create')),
  }
}

const creation = section({
  flow: required('What begins', 'name a definition: its name, name@version or hash'),
  parties: anything,
})

function readCreation(raw: unknown, place: Place): LinkBinding['does'] {
  const { flow, parties } = creation.read(raw, place)
  return { kind: 'create', flow, parties: readRules(parties, within(place, 'parties')) }
}

const step = section({
  process: required('Which instance', 'write a rule that gives its id'),
  step: required('The step', 'name the step that is taken'),
  role: text('', 'In which role'),
  input: anything,
})

function readStep(raw: unknown, place: Place): LinkBinding['does'] {
  const fields = step.read(raw, place)
  return {
    kind: 'step',
    process: readRule(fields.process, within(place, 'process')),
    step: fields.step,
    role: fields.role || undefined,
    input: readRules(fields.input, within(place, 'input')),
  }
}

/** What such rules may ask about: the instance that ended, as it ended. */
const readRule = ruleReader('state stage parties now n count op process', {
  text: 'null',
  reads: [],
  evaluate: () => null,
})

const readRules = (raw: unknown, place: Place): ReadonlyMap<string, Rule> =>
  new Map(
    entriesOf(raw, place).map(([name, value]) => [name, readRule(`${value}`, within(place, name))]),
  )
