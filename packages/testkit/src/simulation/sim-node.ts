import {
  type BlobStore,
  type Core,
  createMemoryBlobStore,
  faultsToText,
  type LedgerEnd,
  type Logger,
  type MemoryHub,
  type NamespaceRuntime,
  type NodeConfig,
  parseConfigText,
  seedOfParty,
  startCore,
  type World,
} from '@concordat/node'
import { stringify } from 'yaml'
import type { Chance } from './chance.ts'
import { createLife, type Life } from './life.ts'
import { createLifeAdapters } from './life-adapters.ts'
import { createListener, type Listener } from './listener.ts'
import { SurvivingDatabase } from './surviving-database.ts'
import type { Timeline } from './timeline.ts'

export interface SimNodeOptions {
  readonly name: string
  readonly key: string
  readonly config: NodeConfig
  readonly timeline: Timeline
  readonly chance: Chance
  /** That of the network, which outlives the node's own. */
  readonly world: World
  readonly ledger: LedgerEnd
  readonly hub: MemoryHub
  readonly log: Logger
  /** Whether it sends others what it should not. */
  readonly forges: boolean
}

interface Running {
  readonly life: Life
  readonly core: Core
  readonly namespace: NamespaceRuntime
}

/** A party's node: the real one, with a database that outlives its crashes. */
export class SimNode implements Disposable {
  readonly name: string
  readonly did: string
  readonly key: string
  readonly database: SurvivingDatabase
  /** Blocks by which its view of the chain is behind. */
  lag = 0
  readonly #options: SimNodeOptions
  readonly #blobs: BlobStore
  #life: Life | undefined
  #running: Running | undefined
  #onCrash: (() => unknown)[] = []
  readonly #waiting: (() => void)[] = []
  readonly listener: Listener
  readonly #forgery: Chance | undefined

  constructor(options: SimNodeOptions) {
    this.#options = options
    this.name = options.name
    this.did = `did:firefly:org/${options.name}`
    this.key = options.key
    this.database = new SurvivingDatabase((line) =>
      options.timeline.trace(`${options.name} ${line}`),
    )
    this.#blobs = createMemoryBlobStore(options.world)
    this.listener = createListener(options.chance.fork())
    this.#forgery = options.forges ? options.chance.fork() : undefined
  }

  /** The node while it runs. */
  get running(): Running | undefined {
    return this.#running
  }

  /** Resolves when it runs. */
  async up(): Promise<Running> {
    while (!this.#running) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    return this.#running
  }

  /** Starts it on what its database holds; resolves when it runs, or crashed before. */
  async start(): Promise<void> {
    if (this.#life) return
    const { name, timeline, chance, config, log, ledger, hub, key } = this.#options
    timeline.trace(`${name} start`)
    const life = createLife(name, timeline, chance.fork())
    this.#life = life
    const adapters = createLifeAdapters({
      life,
      ledger,
      hub,
      database: this.database,
      blobs: this.#blobs,
      keys: [key],
      lag: () => this.lag,
      peerId: name,
      forgery: this.#forgery,
      onCrash: (action) => void this.#onCrash.push(action),
    })
    const core = await life
      .into(() =>
        startCore(config, {
          world: life.world,
          log: log.child({ party: name }),
          adapters,
          transports: [this.listener.transportFor(life)],
        }),
      )
      .catch((error: unknown) => {
        if (life.dead) return undefined
        throw error
      })
    const namespace = core?.networks[0]
    if (!core || !namespace || life.dead) return
    timeline.trace(`${name} runs`)
    this.#running = { life, core, namespace }
    for (const resolve of this.#waiting.splice(0)) resolve()
  }

  /** The process ends here and now. */
  crash(): void {
    if (!this.#life) return
    this.#options.timeline.trace(`${this.name} crash`)
    this.#life.end()
    for (const action of this.#onCrash.splice(0)) void action()
    this.#life = undefined
    this.#running = undefined
  }

  /** Asks the node to stop, and waits until it has. */
  async stop(): Promise<void> {
    const running = this.#running
    if (!running) return
    this.#running = undefined
    this.#options.timeline.trace(`${this.name} stop`)
    await running.life.into(async () => await running.core[Symbol.asyncDispose]()).catch(() => {})
    if (this.#life === running.life) this.crash()
  }

  [Symbol.dispose](): void {
    this.crash()
    this.database[Symbol.dispose]()
  }
}

interface Surroundings {
  readonly key: string
  readonly contract: string
  readonly peers: readonly string[]
}

/** Read once: compiling what it is checked by takes longer than many a story. */
const configs = new Map<string, NodeConfig>()

/** What a node of the simulation runs by. */
export function simConfig(name: string, around: Surroundings): NodeConfig {
  const which = JSON.stringify([name, around])
  const config = configs.get(which) ?? readConfig(name, around)
  configs.set(which, config)
  return config
}

function readConfig(name: string, { key, contract, peers }: Surroundings): NodeConfig {
  const section = { type: 'memory', configSchema: { type: 'object' } }
  const sharedstorage = [{ type: 'peer', configSchema: { type: 'object' } }]
  const yaml = {
    dataDir: 'data',
    plugins: {
      database: [{ name: 'database0', type: 'sqlite3', sqlite3: { url: 'unused' } }],
      blockchain: [{ name: 'blockchain0', type: 'memory', memory: {} }],
      dataexchange: [
        { name: 'dataexchange0', type: 'memory', memory: { seeds: peers.map(seedOfParty) } },
      ],
      sharedstorage: [{ name: 'sharedstorage0', type: 'peer' }],
    },
    namespaces: {
      default: 'default',
      predefined: [
        {
          name: 'default',
          plugins: ['database0', 'blockchain0', 'dataexchange0', 'sharedstorage0'],
          multiparty: {
            enabled: true,
            networkNamespace: 'default',
            org: { name, key },
            node: { name: `${name}-node` },
            contract: [{ location: { address: contract }, firstEvent: 'oldest' }],
          },
        },
      ],
    },
  }
  const result = parseConfigText(stringify(yaml), '/nowhere', {
    blockchain: [section],
    dataexchange: [section],
    sharedstorage,
  })
  if (!result.ok) throw new Error(faultsToText(result.faults))
  return result.config
}
