import { Readable } from 'node:stream'
import type { NamespaceRuntime } from '@concordat/node'
import { NodeError } from '@concordat/protocol'
import type { Chance } from './chance.ts'
import type { Conditions } from './conditions.ts'
import { Crashed, type Life } from './life.ts'
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
  /** What its data is: a value alone, one of a datatype, or with a file. */
  readonly data: 'plain' | 'typed' | 'file'
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
    const { group } = message
    const input = await toInput(life, namespace, message)
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

async function toInput(
  life: Life,
  namespace: NamespaceRuntime,
  { idempotencyKey, group, topics, pinned, data }: Sent,
) {
  const note = `${group ? secretOf(group) : 'open-'}${idempotencyKey}`
  const file = data === 'file' ? await life.into(() => upload(namespace, note)) : undefined
  const datatype = data === 'typed' && { datatype: { name: DATATYPE, version: '1' } }
  return {
    header: { topics: [...topics], ...(!pinned && { txtype: 'unpinned' }) },
    idempotencyKey,
    data: [{ value: { note }, ...datatype }, ...(file ? [{ id: file.id }] : [])],
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
  const isTyped = conditions.datatypes && chance.happens(0.4) && knowsDatatype(node)
  const data = isTyped ? 'typed' : conditions.blobs && chance.happens(0.3) ? 'file' : 'plain'
  return {
    data,
    idempotencyKey,
    sender,
    from: node.name,
    group,
    topics,
    pinned,
  }
}

const DATATYPE = 'note'

const knowsDatatype = ({ database }: SimNode): boolean =>
  database.rows(`select name from datatypes where name = '${DATATYPE}'`).length > 0

const upload = (namespace: NamespaceRuntime, text: string): Promise<{ readonly id: string }> =>
  namespace.data.uploadBlob({}, { content: Readable.from([Buffer.from(`file of ${text}`)]) })

/** Whoever is first on the chain defines it; the others are refused, alike everywhere. */
export async function defineDatatype(node: SimNode): Promise<void> {
  const { life, namespace } = await node.up()
  const value = JSON.stringify({
    title: `that of ${node.name}`,
    type: 'object',
    required: ['note'],
    properties: { note: { type: 'string' } },
  })
  const wait = { confirm: false, timeoutMs: 1_000, signal: new AbortController().signal }
  try {
    await life.into(() =>
      namespace.data.createDatatype({ name: DATATYPE, version: '1', value }, wait),
    )
  } catch (error) {
    if (!(error instanceof Crashed) && !(error instanceof NodeError)) throw error
  }
}

/** Whether the other's node is registered, as far as this one has read. */
export const knows = (node: SimNode, other: SimNode): boolean =>
  node.database
    .rows(`select did from identities where type = 'node'`)
    .some(({ did }) => did === `did:firefly:node/${other.name}-node`)
