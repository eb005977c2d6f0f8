import { createHash } from 'node:crypto'
import { type Logger, silentLogger } from '@concordat/node'
import { createChance } from './chance.ts'
import { type Conditions, drawConditions } from './conditions.ts'
import { dump, findFaults, isQuiet } from './invariants.ts'
import { Crashed } from './life.ts'
import { LISTENER } from './listener.ts'
import { makeMishaps } from './mishaps.ts'
import { createPlayers } from './players.ts'
import { findProcessFaults } from './process-faults.ts'
import { createSenders, defineDatatype, knows } from './senders.ts'
import { createSimNetwork, type SimNetwork } from './sim-network.ts'
import type { SimNode } from './sim-node.ts'
import { createTimeline, type Timeline } from './timeline.ts'

export interface SeedOptions {
  readonly keepLines?: boolean
  readonly log?: Logger
  /** A look at the nodes before they are gone. */
  readonly onEnd?: (network: SimNetwork) => void
}

export interface SeedResult {
  readonly seed: number
  readonly conditions: Conditions
  /** Of everything that happened and everything the nodes hold at the end. */
  readonly digest: string
  readonly faults: readonly string[]
  readonly lines: readonly string[]
  readonly messages: number
  readonly virtualMs: number
}

const PARTIES = ['a', 'b', 'c']
const HOUR_MS = 3_600_000

/** Runs three real nodes under one seed: they work while things go wrong, then all is healed, and what must hold is checked. */
export async function runSeed(seed: number, options: SeedOptions = {}): Promise<SeedResult> {
  const chance = createChance(seed)
  const conditions = drawConditions(chance.fork())
  const timeline = createTimeline(chance.fork(), { keepLines: options.keepLines ?? false })
  const begun = timeline.now()
  const log = options.log ?? silentLogger
  using network = createSimNetwork({
    parties: PARTIES,
    conditions,
    timeline,
    chance: chance.fork(),
    log,
  })
  const outcome = await tellStory(network, conditions, timeline)
  options.onEnd?.(network)
  const hash = createHash('sha256').update(timeline.digest())
  for (const node of network.nodes) for (const line of dump(node)) hash.update(line)
  return {
    seed,
    conditions,
    digest: hash.digest('hex'),
    ...outcome,
    lines: timeline.lines,
    virtualMs: timeline.now() - begun,
  }
}

async function tellStory(
  network: SimNetwork,
  conditions: Conditions,
  timeline: Timeline,
): Promise<{ faults: readonly string[]; messages: number }> {
  let end: { faults: readonly string[]; messages: number } | undefined
  const story = work(network, conditions).catch((error: unknown) => ({
    faults: [`the story broke: ${error instanceof Error ? error.stack : String(error)}`],
    messages: 0,
  }))
  void story.then((told) => {
    end = told
  })
  await timeline.run(() => end !== undefined, HOUR_MS)
  return end ?? { faults: ['the story never ended'], messages: 0 }
}

async function work(
  network: SimNetwork,
  conditions: Conditions,
): Promise<{ faults: readonly string[]; messages: number }> {
  const { nodes } = network
  const newcomer = conditions.newcomer ? nodes.at(-1) : undefined
  const early = nodes.filter((node) => node !== newcomer)
  await Promise.all(early.map((node) => node.start()))
  await Promise.all(early.map((node) => register(network, node)))
  await untilTrue(network, 600, () => early.every((node) => early.every((o) => knows(node, o))))

  if (conditions.stranger) network.letStrangerIn()
  if (conditions.datatypes) await Promise.all(early.map(defineDatatype))
  await Promise.all(early.map(subscribe))
  const senders = createSenders(network, conditions)
  let working = true
  const mishaps = makeMishaps(network, conditions, () => !working)
  const join = async (node: SimNode): Promise<void> => {
    await network.world.sleep(network.chance.whole(1, 3_000))
    await node.start()
    await register(network, node)
    await subscribe(node)
    await senders.run(node)
  }
  const players = createPlayers(network, early, conditions.processes)
  await Promise.all([
    players.run(),
    ...early.map((node) => senders.run(node)),
    ...(newcomer ? [join(newcomer)] : []),
  ])
  working = false
  await mishaps

  network.heal()
  for (const node of nodes) if (!node.running) await node.start()
  await untilTrue(network, 60, () => network.ledger.waiting === 0)
  await network.world.sleep(20_000)
  await untilTrue(network, 1_800, () => nodes.every(isQuiet))
  // Time for what should not happen any more.
  await network.world.sleep(20_000)
  const faults = [
    ...senders.faults,
    ...(await findFaults(network, senders.accepted)),
    ...findProcessFaults(nodes, players),
  ]
  return { faults, messages: senders.accepted.length }
}

/** Lets a program follow all that is decided, from the beginning. */
async function subscribe(node: SimNode): Promise<void> {
  const input = {
    name: LISTENER,
    transport: LISTENER,
    filter: { events: '^message_(confirmed|rejected)$' },
    options: { firstEvent: 'oldest', readAhead: 5 },
  }
  while (node.database.rows('select id from subscriptions').length === 0) {
    const { life, namespace } = await node.up()
    await life
      .into(() => namespace.subscriptions.create(input))
      .catch((error: unknown) => {
        if (!(error instanceof Crashed)) throw error
      })
  }
}

/** Registers a party and its node, however often that takes. The node is claimed even while the organisation is not known yet. */
async function register(network: SimNetwork, node: SimNode): Promise<void> {
  const dids = [`org/${node.name}`, `node/${node.name}-node`]
  const todo = (): string[] => dids.filter((did) => !isRegistered(node, did))
  while (todo().length > 0) {
    for (const did of todo()) await claim(network, node, did)
  }
}

async function claim(network: SimNetwork, node: SimNode, did: string): Promise<void> {
  const wait = { confirm: true, timeoutMs: 60_000, signal: new AbortController().signal }
  const { life, namespace } = await node.up()
  try {
    await life.into(() =>
      did.startsWith('node/')
        ? namespace.network.registerNode(wait)
        : namespace.network.registerOrganization('self', wait),
    )
  } catch (error) {
    if (!(error instanceof Crashed)) network.timeline.trace(`${node.name} ${String(error)}`)
    await network.world.sleep(1_000)
  }
}

const isRegistered = ({ database }: SimNode, did: string): boolean =>
  database.rows('select did from identities').some((row) => row.did === `did:firefly:${did}`)

/** Looks every second, for so many seconds. */
async function untilTrue(
  { world }: SimNetwork,
  seconds: number,
  fact: () => boolean,
): Promise<boolean> {
  for (let i = 0; i < seconds; i++) {
    if (fact()) return true
    await world.sleep(1_000)
  }
  return false
}
