import type { Chance } from './chance.ts'
import type { Conditions } from './conditions.ts'
import { knows } from './senders.ts'
import type { SimNetwork } from './sim-network.ts'
import type { SimNode } from './sim-node.ts'

/** In one run: nodes that never live as long as a call takes would never get anywhere. */
const MOST = 40

/** Lets things go wrong, one after another, until told to stop. Resolves when none is under way. */
export async function makeMishaps(
  network: SimNetwork,
  conditions: Conditions,
  stopped: () => boolean,
): Promise<void> {
  const chance = network.chance.fork()
  const kinds = kindsFor(conditions)
  if (kinds.length === 0) return
  const often = chance.pick([300, 2_000, 8_000])
  const underWay: Promise<void>[] = []
  while (!stopped() && underWay.length < MOST) {
    await network.world.sleep(chance.whole(1, often))
    const mishap = chance.pick(kinds)
    if (!stopped()) underWay.push(mishap(network, conditions, chance))
  }
  await Promise.all(underWay)
}

type Mishap = (network: SimNetwork, conditions: Conditions, chance: Chance) => Promise<void>

function kindsFor(conditions: Conditions): Mishap[] {
  return [
    ...(conditions.crashes ? [crash] : []),
    ...(conditions.restarts ? [restart] : []),
    ...(conditions.partitions ? [part] : []),
    ...(conditions.reorganisations ? [reorganise] : []),
    ...(conditions.maxLag > 0 ? [lag] : []),
  ]
}

const anyNode = ({ nodes }: SimNetwork, chance: Chance): SimNode | undefined =>
  nodes[chance.whole(0, nodes.length - 1)]

/** Whether all who have joined know it. */
const isKnownToAll = ({ nodes }: SimNetwork, node: SimNode): boolean =>
  nodes.every((other) => !hasBegun(other) || !knows(other, other) || knows(other, node))

const hasBegun = (node: SimNode): boolean =>
  node.database.rows(`select name from sqlite_master where name = 'identities'`).length > 0

/**
 * Whether a node has claimed who it is, and somebody does not know it yet. If it is away just then, or can't be reached, the
 * others may pass over what it pinned: a known limit (decision 0009), which these runs leave alone.
 */
const isJoining = (network: SimNetwork, node: SimNode): boolean =>
  node.database.rows(
    `select id from messages where tag = 'ff_identity_claim' and author = '${node.did}'`,
  ).length > 0 && !(knows(node, node) && isKnownToAll(network, node))

const crash: Mishap = async (network, _conditions, chance) => {
  const node = anyNode(network, chance)
  if (!node?.running || isJoining(network, node)) return
  node.crash()
  await network.world.sleep(chance.whole(1, chance.pick([10, 1_000, 20_000])))
  await node.start()
}

const restart: Mishap = async (network, _conditions, chance) => {
  const node = anyNode(network, chance)
  if (!node?.running || isJoining(network, node)) return
  await node.stop()
  await network.world.sleep(chance.whole(1, 1_000))
  await node.start()
}

const part: Mishap = async (network, _conditions, chance) => {
  const [one, other] = [anyNode(network, chance), anyNode(network, chance)]
  if (!one || !other || one === other) return
  // It would outlast the moment in which one of them joins.
  if ([one, other].some((node) => !isKnownToAll(network, node))) return
  network.hub.partition(one.name, other.name)
  await network.world.sleep(chance.whole(10, chance.pick([200, 10_000])))
  network.hub.heal(one.name, other.name)
}

const reorganise: Mishap = async ({ ledger, timeline }, { confirmations }, chance) => {
  const depth = chance.whole(1, Math.min(confirmations, ledger.blocks.length - 1))
  timeline.trace(`reorganise ${depth}`)
  ledger.reorganise(depth, () => chance.happens(0.3))
}

const lag: Mishap = async (network, { maxLag }, chance) => {
  const node = anyNode(network, chance)
  if (node) node.lag = chance.whole(0, maxLag)
}
