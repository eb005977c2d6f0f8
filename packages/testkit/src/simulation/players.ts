import type { NamespaceRuntime } from '@concordat/node'
import { NodeError, RawJson } from '@concordat/protocol'
import { instanceTopic, processTags, writePlainStep } from '@concordat/protocol/process'
import type { Chance } from './chance.ts'
import { Crashed } from './life.ts'
import type { SimNetwork } from './sim-network.ts'
import type { SimNode } from './sim-node.ts'

/** A step that a node took from a caller, as a message. */
export interface Submitted {
  readonly process: string
  readonly intent: string
  readonly message: string
  readonly by: string
}

export interface Players {
  readonly submitted: readonly Submitted[]
  /** Instances that are to be, and the names of their parties. */
  readonly instances: ReadonlyMap<string, readonly string[]>
  run(): Promise<void>
}

/** Offers that are made, taken, lost and made again. */
const auction = (consent: 'standing' | 'each') => ({
  flow: 'flow/1',
  name: `auction-${consent}`,
  version: '1.0.0',
  govern: { consent, clock: 'block' },
  roles: { seller: { one: true }, bidder: { many: true } },
  state: {
    price: { schema: { type: 'integer' }, default: 0 },
    best: { schema: { type: 'string' } },
  },
  stages: { main: { initial: 'open', values: ['open', 'taken', 'over'], final: ['over'] } },
  steps: {
    bid: {
      by: ['bidder'],
      in: { main: 'open' },
      input: { type: 'object', required: ['price'], properties: { price: { type: 'integer' } } },
      when: [{ code: 'TOO_LOW', rule: 'input.price > state.price' }],
      do: [
        { set: 'price', to: 'input.price' },
        { set: 'best', to: 'me' },
      ],
    },
    take: { by: ['bidder'], in: { main: 'open' }, to: { main: 'taken' } },
    withdraw: { by: ['seller'], in: { main: 'open' }, to: { main: 'taken' } },
    offerAgain: { by: ['seller'], in: { main: 'taken' }, to: { main: 'open' } },
    end: { by: ['seller'], in: { main: 'taken' }, to: { main: 'over' } },
  },
  deadlines: { stale: { track: 'main', stage: 'open', after: 'PT30S', to: { main: 'taken' } } },
})

/** Answers that say nothing of the wish: the caller asks again. */
const PASSING = new Set(['CC20304', 'CC20501'])
/** Attempts of one wish, at most: not all that is wanted can be had. */
const ATTEMPTS = 40

interface Table {
  readonly network: SimNetwork
  readonly parties: readonly SimNode[]
  readonly submitted: Submitted[]
  readonly instances: Map<string, readonly string[]>
}

/** Callers who agree on processes, begin them, and take steps that are possible, are not, or are none; if they play. */
export function createPlayers(
  network: SimNetwork,
  parties: readonly SimNode[],
  play: boolean,
): Players {
  // Without players nothing is drawn: other runs stay as they are.
  const chance = play ? network.chance.fork() : network.chance
  const table: Table = { network, parties, submitted: [], instances: new Map() }
  const { submitted, instances } = table
  return {
    submitted,
    instances,
    async run() {
      if (!play) return
      const [one, other] = [chance.fork(), chance.fork()]
      const flows = await Promise.all([agree(table, 'standing', one), agree(table, 'each', other)])
      await Promise.all(parties.map((node) => begin(table, node, flows, chance.fork())))
      await Promise.all(parties.map((node) => takePart(table, node, chance.fork())))
    },
  }
}

const waiting = (confirm: boolean) => ({
  confirm,
  timeoutMs: 20_000,
  signal: new AbortController().signal,
})

/** Asks until there is an answer; undefined if the node says no. */
async function ask<T>(
  { network }: Table,
  node: SimNode,
  work: (namespace: NamespaceRuntime) => Promise<T>,
  isFinal: (error: NodeError) => boolean = ({ code }) => !PASSING.has(code),
): Promise<T | undefined> {
  for (let i = 0; i < ATTEMPTS; i++) {
    const { life, namespace } = await node.up()
    try {
      return await life.into(() => work(namespace))
    } catch (error) {
      if (!(error instanceof Crashed) && !(error instanceof NodeError)) throw error
      if (error instanceof NodeError && isFinal(error)) return undefined
      await network.world.sleep(500)
    }
  }
  return undefined
}

/** Every party tells the definition, and says some time later that it takes part. */
async function agree(table: Table, consent: 'standing' | 'each', pauses: Chance): Promise<string> {
  const definition = auction(consent)
  const { network, parties } = table
  const flows = await Promise.all(
    parties.map((node) =>
      ask(
        table,
        node,
        ({ processes }) => processes.propose({ definition }, waiting(true)),
        () => false,
      ),
    ),
  )
  const hash = flows.find((flow) => flow !== undefined)?.hash ?? ''
  for (const node of parties) {
    const pause = pauses.pick([0, 500, 8_000])
    void network.world.sleep(pause + 1).then(() =>
      ask(
        table,
        node,
        ({ processes }) => processes.adopt(hash, waiting(true)),
        () => false,
      ),
    )
  }
  return hash
}

async function begin(
  table: Table,
  node: SimNode,
  flows: readonly string[],
  chance: Chance,
): Promise<void> {
  const { parties, instances, network } = table
  await network.world.sleep(chance.pick([1, 1_000, 10_000]))
  const id = network.world.uuid()
  const others = parties.filter((other) => other !== node)
  const bidders = others.filter((_, i) => i === 0 || chance.happens(0.7))
  const flow = chance.pick(flows)
  const roles = { seller: node.did, bidder: bidders.map(({ did }) => did) }
  const made = await ask(table, node, ({ processes }) =>
    processes.create({ id, flow, parties: roles }, waiting(false)),
  )
  if (made) instances.set(id, [node, ...bidders].map(({ name }) => name).sort())
}

/** One party's wishes, one after the other. */
async function takePart(table: Table, node: SimNode, chance: Chance): Promise<void> {
  const { instances, network } = table
  const own = [...instances].filter(([, names]) => names.includes(node.name)).map(([id]) => id)
  if (own.length === 0) return
  const [favourite = ''] = own
  for (let i = chance.pick([6, 15, 40]); i > 0; i--) {
    const id = chance.happens(0.7) ? favourite : chance.pick(own)
    if (chance.happens(0.2)) await sendAnything(table, node, id, chance)
    else await takeTurn(table, node, id, chance)
    await network.world.sleep(chance.whole(1, chance.pick([20, 500, 5_000])))
  }
}

/** Takes a step that is possible as far as its node knows; now and then twice. */
async function takeTurn(
  table: Table,
  node: SimNode,
  process: string,
  chance: Chance,
): Promise<void> {
  const turns = await ask(table, node, ({ processes }) => processes.turns(process))
  const tasks = turns?.find(({ party }) => party === node.did)?.tasks ?? []
  if (tasks.length === 0) return
  const { step, role } = chance.pick(tasks)
  // There is more to see while it goes on.
  if (step === 'end' && chance.happens(0.8)) return
  const intent = table.network.world.uuid()
  const input = step === 'bid' ? { price: chance.whole(1, 1_000) } : {}
  const wish = { process, step, input, intent, ...(role !== undefined && { role }) }
  for (let times = chance.happens(0.2) ? 2 : 1; times > 0; times--) {
    const answer = await ask(table, node, ({ processes }) =>
      processes.submit(wish, waiting(chance.happens(0.2))),
    )
    if (answer?.message !== undefined)
      table.submitted.push({ process, intent, message: answer.message, by: node.name })
  }
}

const STEPS = ['bid', 'take', 'offerAgain', 'end', 'nothing', '$tick', '$join', '$adopt', '$leap']

/** Sends what may be a step, by hand. */
async function sendAnything(
  table: Table,
  node: SimNode,
  process: string,
  chance: Chance,
): Promise<void> {
  const { instances, parties, network } = table
  const definition = definitionOf(node, process)
  if (definition === undefined) return
  const claim = {
    instance: chance.happens(0.9) ? process : chance.pick([...instances.keys()]),
    definition: chance.happens(0.9) ? definition : 'ab'.repeat(32),
    step: chance.pick(STEPS),
    role: chance.pick(['seller', 'bidder', 'nobody']),
    intent: chance.happens(0.5) ? network.world.uuid() : 'the same',
  }
  const [step = ''] = writePlainStep(claim, { price: chance.whole(1, 1_000) })
  const value = chance.pick([step, step, step, '{}', '"a step"', '{"ffp":"step/1"}'])
  const names = instances.get(process) ?? []
  const members = parties
    .filter(({ name }) => names.includes(name))
    .map(({ did }) => ({ identity: did }))
  const topics = [instanceTopic(process)]
  await ask(table, node, ({ messages }) =>
    messages.sendPrivate(
      {
        header: { tag: chance.pick([processTags.step, processTags.tick, 'chat']), topics },
        group: { members },
        data: [{ value: new RawJson(value) }],
        idempotencyKey: network.world.uuid(),
      },
      waiting(false),
    ),
  )
}

const definitionOf = ({ database }: SimNode, process: string): string | undefined =>
  database
    .rows(`select flow from processes where id = '${process}'`)
    .map(({ flow }) => String(flow))[0]
