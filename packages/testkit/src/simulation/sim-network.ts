import {
  createMemoryHub,
  createMemoryLedger,
  type HubConditions,
  type LedgerEnd,
  type Logger,
  type MemoryHub,
  type MemoryLedger,
  type World,
} from '@concordat/node'
import type { Chance } from './chance.ts'
import type { Conditions } from './conditions.ts'
import { createLife } from './life.ts'
import { SimNode, simConfig } from './sim-node.ts'
import { createStranger, type Stranger } from './stranger.ts'
import type { Timeline } from './timeline.ts'

export interface SimNetwork extends Disposable {
  /** That of everything outside the nodes. */
  readonly world: World
  readonly timeline: Timeline
  readonly ledger: MemoryLedger
  readonly hub: MemoryHub
  readonly nodes: readonly SimNode[]
  readonly chance: Chance
  /** From here on a stranger sees what is pinned. */
  letStrangerIn(): void
  /** From here on nothing is lost, doubled or slow. */
  heal(): void
}

export interface SimNetworkOptions {
  readonly parties: readonly string[]
  readonly conditions: Conditions
  readonly timeline: Timeline
  readonly chance: Chance
  readonly log: Logger
}

/** Parties, a chain and a wire between them, all under one seed. Nothing runs yet but the chain. */
export function createSimNetwork(options: SimNetworkOptions): SimNetwork {
  const { parties, conditions, timeline, chance, log } = options
  const outside = createLife('outside', timeline, chance.fork())
  const { world } = outside
  const wire: { -readonly [K in keyof HubConditions]: HubConditions[K] } = {
    delayMs: conditions.delayMs,
    loss: conditions.loss,
    duplicates: conditions.duplicates,
  }
  const hub = createMemoryHub(Object.assign(wire, { world }))
  const ledger = createMemoryLedger({
    world,
    blockTimeMs: 'manual',
    reorder: conditions.reorder,
    maxPerBlock: chance.pick([2, 10, 1_000]),
  })
  const { address: contract } = ledger.deploy(conditions.confirmations)
  const keys = new Map(
    parties.map((party, i) => [party, `0x${(i + 1).toString(16).padStart(40, '0')}`]),
  )
  const stranger = createStranger({ ledger, hub, world, parties }, chance.fork())
  const end = watchedBy(stranger, ledger)
  const nodes = parties.map((name, i) => {
    const key = keys.get(name) ?? ''
    const peers = parties.filter((other) => other !== name)
    const config = simConfig(name, { key, contract, peers })
    const forges = conditions.forger && i === 0
    const common = { forges, timeline, chance: chance.fork(), world, ledger: end, hub, log }
    return new SimNode({ name, key, config, ...common })
  })
  void mineForEver({ ledger, world, chance: chance.fork(), conditions })
  return {
    world,
    timeline,
    ledger,
    hub,
    nodes,
    chance,
    letStrangerIn: () => stranger.start(),
    heal() {
      stranger.stop()
      Object.assign(wire, { delayMs: { min: 0, max: 5 }, loss: 0, duplicates: 0 })
      hub.healAll()
      for (const node of nodes) node.lag = 0
    },
    [Symbol.dispose]() {
      outside.end()
      for (const node of nodes) node[Symbol.dispose]()
    },
  }
}

/** The ledger, to which nothing goes but under a stranger's eyes. */
const watchedBy = (stranger: Stranger, ledger: MemoryLedger): LedgerEnd => ({
  get blocks() {
    return ledger.blocks
  },
  contracts: ledger.contracts,
  minedCount: (key) => ledger.minedCount(key),
  find: (hash) => ledger.find(hash),
  onChange: (listener) => ledger.onChange(listener),
  send(transaction) {
    stranger.see(transaction)
    return ledger.send(transaction)
  },
})

/** Blocks while something waits for one, or for what lies on top of it. */
async function mineForEver({
  ledger,
  world,
  chance,
  conditions,
}: {
  ledger: MemoryLedger
  world: World
  chance: Chance
  conditions: Conditions
}): Promise<never> {
  const longest = chance.pick([50, 500, 4_000])
  const onTop = conditions.confirmations + conditions.maxLag + 2
  let left = onTop
  let head = ledger.blocks.at(-1)?.hash
  for (;;) {
    await world.sleep(chance.whole(1, longest))
    // A reorganisation mines by itself.
    if (ledger.waiting > 0 || ledger.blocks.at(-1)?.hash !== head) left = onTop
    if (left > 0) ledger.mine()
    left = Math.max(0, left - 1)
    head = ledger.blocks.at(-1)?.hash
  }
}
