import fc from 'fast-check'
import { loadDefinition } from '../../definition/load.ts'
import type { JsonMap } from '../../values/value.ts'
import { type CreationContext, createInstance } from '../create-instance.ts'
import { decide } from '../decide.ts'
import type { Decision } from '../records.ts'
import type { InstanceState } from '../state.ts'
import type { Creation } from '../wire/messages.ts'
import { type Performance, performanceOf, plays } from './plays.testing.ts'
import { membersOf, type Sent, START, toEvent } from './scene.testing.ts'

/** Everything that an instance was told, and everything that was decided: enough to hold another fold to. */
export interface Chain {
  readonly document: JsonMap
  readonly creation: Creation
  readonly context: CreationContext
  readonly sent: readonly Sent[]
  readonly decisions: readonly Decision[]
}

/** Chains of random runs of every play, long ones among them. */
export function sampleChains(): readonly Chain[] {
  return plays.flatMap((play) => {
    const runs = fc.sample(performanceOf(play), { numRuns: 40, seed: 1 })
    const sorted = runs.sort((a, b) => b.sent.length - a.sent.length)
    return [...sorted.slice(0, 2), ...sorted.slice(20, 21)].map(toChain)
  })
}

function toChain({ play, start, sent }: Performance): Chain {
  const { frame, situation } = start
  const creation = {
    instance: frame.instance,
    definition: frame.definition.hash,
    parties: play.scene.parties,
  }
  const members = membersOf(play.scene)
  const [author = ''] = members
  const adopted = members.filter((did) => !situation.waiting.includes(did))
  const context = { author, adopted, members, time: START }
  const chain = { document: play.scene.document, creation, context, sent }
  return { ...chain, decisions: decisionsOf(chain) }
}

/** What is decided on a chain's messages now. */
export function decisionsOf(chain: Omit<Chain, 'decisions'>): readonly Decision[] {
  const { document, creation, context, sent } = chain
  const loaded = loadDefinition(document)
  if (loaded.outcome !== 'loaded') throw new Error(loaded.outcome)
  const created = createInstance(loaded.definition, creation, context)
  if (created.outcome !== 'created') throw new Error(created.code)
  let state: InstanceState = created.state
  return sent.flatMap((each) => {
    const outcome = decide(state, toEvent(each))
    state = outcome.state
    return outcome.decisions
  })
}
