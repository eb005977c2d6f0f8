import {
  createInstance,
  type Decision,
  decide,
  type InstanceState,
  type LoadedDefinition,
  nextDeadline,
  openTasks,
  readPayload,
  type SpineEvent,
  writePlainStep,
} from '@concordat/protocol/process'
import { Failure } from '../failure.ts'
import type { Happening, Scenario, StepEvent } from './scenario.ts'
import { membersOf } from './telling.ts'

/** How long after one thing the next happens, unless said. */
const PAUSE = 60
const INSTANCE = '00000000-0000-4000-8000-000000000001'

/** A decision, and how the process stood after it. */
export interface Moment {
  readonly decision: Decision
  readonly state: InstanceState
}

/** What one entry of a story brought about. */
export interface Scene {
  readonly happening: Happening
  readonly moments: readonly Moment[]
  readonly state: InstanceState
}

export interface Play {
  readonly scenes: readonly Scene[]
  readonly state: InstanceState
}

/** Plays a story against the fold, as every node would decide it. */
export function play(definition: LoadedDefinition, scenario: Scenario): Play {
  const player = new Player(begin(definition, scenario), scenario)
  const scenes = scenario.events.flatMap((happening) => player.play(happening))
  return { scenes, state: player.state }
}

function begin(definition: LoadedDefinition, scenario: Scenario): InstanceState {
  const { parties, creator: author, adopted, start: time } = scenario
  const creation = { instance: INSTANCE, definition: definition.hash, parties }
  const members = membersOf(parties)
  const result = createInstance(definition, creation, { author, time, members, adopted })
  if (result.outcome === 'created') return result.state
  throw new Failure(`no such process can begin: ${result.code}`)
}

/** What a party may do now, at this time. */
export const turnOf = (state: InstanceState, did: string): readonly string[] => [
  ...new Set(openTasks(state, did).map(({ step }) => step)),
]

class Player {
  state: InstanceState
  #time: number
  #messages = 0
  readonly #scenario: Scenario
  /** Hash of the process after each decision. */
  readonly #hashes: string[]

  constructor(state: InstanceState, scenario: Scenario) {
    this.state = state
    this.#scenario = scenario
    this.#time = scenario.start
    this.#hashes = [state.hash]
  }

  /** A race is a scene for each of its steps, and one for itself. */
  play(happening: Happening): readonly Scene[] {
    if (happening.kind !== 'race') return [this.#scene(happening, this.#moments(happening))]
    const seen = this.state.n
    const scenes = happening.steps.map((step, i) => {
      const { after = i === 0 ? PAUSE : 0 } = step
      return this.#scene(step, this.#submit({ seen, ...step, after }))
    })
    return [...scenes, this.#scene(happening, [])]
  }

  #scene(happening: Happening, moments: readonly Moment[]): Scene {
    return { happening, moments, state: this.state }
  }

  #moments(happening: Exclude<Happening, { kind: 'race' }>): readonly Moment[] {
    if (happening.kind === 'step') return this.#submit(happening)
    return happening.kind === 'wait' ? this.#wait(happening.seconds) : []
  }

  #submit(event: StepEvent): readonly Moment[] {
    const { step, by: author, role, input, after = PAUSE, unchangedSince } = event
    const { seen = this.state.n } = event
    this.#time += after
    const claim = {
      instance: INSTANCE,
      definition: this.state.frame.definition.hash,
      step,
      intent: event.intent ?? `intent-${this.#messages + 1}`,
      seen: { n: seen, h: this.#hashes[seen] ?? '0'.repeat(64) },
      ...(role !== undefined && { role }),
      ...(unchangedSince !== undefined && { expect: { n: unchangedSince } }),
    }
    const payload = readPayload('ffp.step', writePlainStep(claim, input))
    return this.#decide(author, payload ?? { kind: 'void', code: 'MALFORMED' })
  }

  /** Nodes tell a process that a deadline is past in the second after it. */
  #wait(seconds: number): readonly Moment[] {
    const end = this.#time + seconds
    const moments: Moment[] = []
    for (;;) {
      const due = nextDeadline(this.state)
      if (due === undefined || due >= end) break
      this.#time = Math.max(this.#time, due + 1)
      moments.push(...this.#decide(this.#scenario.creator, { kind: 'tick', instance: INSTANCE }))
    }
    this.#time = end
    return moments
  }

  #decide(author: string, payload: SpineEvent['payload']): readonly Moment[] {
    this.#messages++
    const id = `00000000-0000-4000-8000-${String(this.#messages).padStart(12, '0')}`
    const message = { id, hash: id.replaceAll('-', '').padStart(64, '0') }
    const { state, decisions } = decide(this.state, {
      time: this.#time,
      author,
      message,
      payload,
    })
    const before = this.state
    this.state = state
    for (const { hash } of decisions) this.#hashes.push(hash)
    return decisions.map((decision, i) => ({
      decision,
      state: i === decisions.length - 1 ? state : stateAt(before, state, decision),
    }))
  }
}

/** The process as it stood after a deadline that fired before an event. */
function stateAt(before: InstanceState, after: InstanceState, { record, hash }: Decision) {
  const snapshot = after.snapshots.find(({ n }) => n === record.n)
  const { situation, clock } = snapshot ?? before
  return { ...before, situation, clock, n: record.n, hash }
}
