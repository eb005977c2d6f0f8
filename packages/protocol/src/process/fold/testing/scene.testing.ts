import { loadDefinition } from '../../definition/load.ts'
import type { LoadedDefinition } from '../../definition/loaded.ts'
import type { JsonMap } from '../../values/value.ts'
import { createInstance } from '../create-instance.ts'
import { decide } from '../decide.ts'
import type { Seen, SpineEvent } from '../payload.ts'
import type { DecisionRecord } from '../records.ts'
import type { InstanceState } from '../state.ts'
import { readPayload } from '../wire/messages.ts'
import { writePlainStep, writeSealedStep } from '../wire/step-message.ts'

/** Unix seconds of the creation of every instance under test. */
export const START = 1_700_000_000
export const INSTANCE = '5d1f8a52-7d0a-4c43-9d8e-0c3f6a2b1e00'

export const didOf = (name: string): string => `did:firefly:org/${name}`

/** A process with its cast. */
export interface Scene {
  readonly name: string
  readonly document: JsonMap
  readonly definition: LoadedDefinition
  readonly parties: { readonly [role: string]: readonly string[] }
}

export function makeScene(document: JsonMap, cast: { readonly [role: string]: string }): Scene {
  const result = loadDefinition(document)
  if (result.outcome !== 'loaded') throw new Error(JSON.stringify(result.faults))
  const { definition } = result
  const parties = Object.fromEntries(
    Object.entries(cast).map(([role, names]) => [role, names.split(' ').map(didOf)]),
  )
  return { name: definition.document.name, document, definition, parties }
}

export const membersOf = ({ parties }: Pick<Scene, 'parties'>): readonly string[] => [
  ...new Set(Object.values(parties).flat()),
]

/** A new instance that its first party created; of the others those in `adopted` have consented before. */
export function begin(
  scene: Scene,
  adopted: readonly string[] = membersOf(scene),
  instance = INSTANCE,
): InstanceState {
  const { definition, parties } = scene
  const members = membersOf(scene)
  const creation = { instance, definition: definition.hash, parties }
  const [author = ''] = members
  const result = createInstance(definition, creation, { author, time: START, members, adopted })
  if (result.outcome === 'refused') throw new Error(result.code)
  return result.state
}

/** A message as it stands on the topic of an instance. */
export interface Sent {
  readonly time: number
  readonly author: string
  readonly id: string
  readonly tag: string
  readonly values: readonly string[]
}

export const toEvent = ({ time, author, id, tag, values }: Sent): SpineEvent => ({
  time,
  author,
  message: { id, hash: id.padStart(64, '0') },
  payload: readPayload(tag, values) ?? { kind: 'void', code: 'MALFORMED' },
})

export interface StepText {
  readonly step: string
  readonly role?: string
  readonly input?: JsonMap
  readonly intent: string
  readonly seen?: Seen
  readonly expect?: { readonly n: number }
  /** In the `_sd` form, with salts from this seed. */
  readonly sealed?: string
}

/** The data values of a step of an instance. */
export function stepValues({ frame }: InstanceState, given: StepText): readonly string[] {
  const { input = {}, sealed, ...rest } = given
  const claim = { instance: frame.instance, definition: frame.definition.hash, ...rest }
  if (sealed === undefined) return writePlainStep(claim, input)
  let count = 0
  return writeSealedStep(claim, input, () => `${sealed}${count++}`.padStart(22, 'A'))
}

/** What was decided on a run of events, with all states on the way. */
export interface Run {
  readonly states: readonly InstanceState[]
  readonly records: readonly DecisionRecord[]
  readonly hashes: readonly string[]
  readonly last: InstanceState
}

export function fold(start: InstanceState, events: readonly Sent[]): Run {
  const states: InstanceState[] = []
  const records: DecisionRecord[] = []
  const hashes: string[] = []
  let last = start
  for (const sent of events) {
    const { state, decisions } = decide(last, toEvent(sent))
    last = state
    states.push(state)
    for (const { record, hash } of decisions) {
      records.push(record)
      hashes.push(hash)
    }
  }
  return { states, records, hashes, last }
}

/** Tells a story: steps one after the other, each a minute later unless said, as texts and as one line for each decision. */
export class Teller {
  state: InstanceState
  time = START
  readonly sent: Sent[] = []
  readonly lines: string[] = []
  readonly records: DecisionRecord[] = []

  constructor(state: InstanceState) {
    this.state = state
  }

  /** The present, as an author would claim to have seen it. */
  get seen(): Seen {
    return { n: this.state.n, h: this.state.hash }
  }

  wait(seconds: number): void {
    this.time += seconds
  }

  /** Answers the record of the step itself; undefined if the instance has stopped. */
  step(
    name: string,
    who: string,
    given: Partial<StepText> & { id?: string } = {},
  ): DecisionRecord | undefined {
    const { id = `m${this.sent.length + 1}`, ...rest } = given
    const [role, author] = who.includes(':') ? who.split(':', 2) : [undefined, who]
    const text = {
      step: name,
      intent: `i${this.sent.length + 1}`,
      ...(role !== undefined && { role }),
      ...rest,
    }
    return this.send({
      time: this.time,
      author: didOf(author ?? ''),
      id,
      tag: 'ffp.step',
      values: stepValues(this.state, text),
    })
  }

  send(sent: Sent): DecisionRecord | undefined {
    const { state, decisions } = decide(this.state, toEvent(sent))
    this.sent.push(sent)
    this.state = state
    for (const { record } of decisions) {
      this.records.push(record)
      this.lines.push(lineOf(record))
    }
    this.time += 60
    return decisions.at(-1)?.record
  }
}

export function lineOf(record: DecisionRecord): string {
  if (record.verdict === 'timeout') {
    return `${record.n} timeout ${record.deadline}${record.code === undefined ? '' : ` ${record.code}`}`
  }
  const { n, verdict, step = '-', author, code, rule, winner, of } = record
  const who = author.slice(author.lastIndexOf('/') + 1)
  const lost = winner && ('deadline' in winner ? winner.deadline : winner.message)
  const parts = [`${n} ${verdict} ${step} ${who}`]
  if (code !== undefined) parts.push(code)
  if (rule !== undefined) parts.push(`(${rule})`)
  if (lost !== undefined) parts.push(`lost to ${lost} #${winner?.n}`)
  if (of !== undefined) parts.push(`of #${of}`)
  return parts.join(' ')
}
