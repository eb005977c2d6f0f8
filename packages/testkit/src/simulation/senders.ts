import { NodeError } from '@concordat/protocol'
import type { Chance } from './chance.ts'
import type { Conditions } from './conditions.ts'
import { Crashed } from './life.ts'
import type { SimNetwork } from './sim-network.ts'
import type { SimNode } from './sim-node.ts'

/** A message that a node took from a caller. */
export interface Sent {
  readonly idempotencyKey: string
  readonly sender: string
  readonly from: string
  /** Names of the parties, sorted; undefined for a broadcast. */
  readonly group: readonly string[] | undefined
  readonly topics: readonly string[]
  readonly pinned: boolean
}

export interface Senders {
  readonly accepted: readonly Sent[]
  /** What a node refused that it should have taken. */
  readonly faults: readonly string[]
  run(node: SimNode): Promise<void>
}

const TOPICS = ['t1', 't2', 't3']
/** Ends on the wire or in the node, not in the message: the caller asks again. */
const PASSING = new Set(['CC20304', 'CC20501'])

/** Marks the content of a group, so that it is recognised where it should not be. */
export const secretOf = (group: readonly string[]): string => `secret-${group.join('')}-`

/** Callers of the nodes: each sends one message after another, and asks again when it got no answer. */
export function createSenders(network: SimNetwork, conditions: Conditions): Senders {
  const accepted: Sent[] = []
  const faults: string[] = []
  const { world } = network
  const never = new AbortController().signal

  async function attempt(node: SimNode, message: Sent, confirm: boolean): Promise<void> {
    const { life, namespace } = await node.up()
    const { idempotencyKey, group, topics, pinned } = message
    const value = `${group ? secretOf(group) : 'open-'}${idempotencyKey}`
    const input = {
      header: { topics: [...topics], ...(!pinned && { txtype: 'unpinned' }) },
      idempotencyKey,
      data: [{ value: { note: value } }],
    }
    const wait = { confirm, timeoutMs: 20_000, signal: never }
    const members = group?.map((name) => ({ identity: `did:firefly:org/${name}` }))
    await life.into(() =>
      members
        ? namespace.messages.sendPrivate({ ...input, group: { members } } as never, wait)
        : namespace.messages.broadcast(input as never, wait),
    )
  }

  /** Whether to ask again. */
  function isPassing(error: unknown, message: Sent): boolean {
    if (error instanceof Crashed) return true
    if (!(error instanceof NodeError)) throw error
    if (PASSING.has(error.code)) return true
    // It was taken before: the answer was lost, or is late.
    if (error.code === 'FF10430' || error.code === 'FF10260') accepted.push(message)
    else faults.push(`${message.idempotencyKey}: ${error.message}`)
    return false
  }

  async function send(node: SimNode, message: Sent, confirm: boolean): Promise<void> {
    for (;;) {
      try {
        await attempt(node, message, confirm)
        accepted.push(message)
        return
      } catch (error) {
        if (!isPassing(error, message)) return
        await world.sleep(50)
      }
    }
  }

  return {
    accepted,
    faults,
    async run(node) {
      const one = async (sender: string, chance: Chance): Promise<void> => {
        for (let i = 0; i < conditions.messagesPerSender; i++) {
          await node.up()
          await send(
            node,
            compose({ network, conditions }, node, chance, `${sender}-${i}`),
            chance.happens(0.2),
          )
          if (conditions.pauseMs > 0) await world.sleep(chance.whole(1, conditions.pauseMs))
        }
      }
      await Promise.all(
        Array.from({ length: conditions.sendersPerParty }, (_, i) =>
          one(`${node.name}${i}`, network.chance.fork()),
        ),
      )
    },
  }
}

/** A message to some of those that the node knows, or to all. */
function compose(
  { network, conditions }: { network: SimNetwork; conditions: Conditions },
  node: SimNode,
  chance: Chance,
  idempotencyKey: string,
): Sent {
  const others = network.nodes.filter((other) => other !== node && knows(node, other))
  const isPrivate = others.length > 0 && chance.happens(0.6)
  const group = isPrivate
    ? [node, ...others.filter((_, at) => at === 0 || chance.happens(0.5))]
        .map(({ name }) => name)
        .sort()
    : undefined
  const first = chance.pick(TOPICS)
  const second = chance.pick(TOPICS)
  const several = conditions.manyTopics && first !== second && chance.happens(0.3)
  const pinned = !group || !conditions.unpinned || chance.happens(0.8)
  const topics = several ? [first, second] : [first]
  const [sender = ''] = idempotencyKey.split('-')
  return { idempotencyKey, sender, from: node.name, group, topics, pinned }
}

/** Whether the other's node is registered, as far as this one has read. */
export const knows = (node: SimNode, other: SimNode): boolean =>
  node.database
    .rows(`select did from identities where type = 'node'`)
    .some(({ did }) => did === `did:firefly:node/${other.name}-node`)
