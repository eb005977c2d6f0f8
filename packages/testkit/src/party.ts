import { X509Certificate } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import {
  ensureCertificate,
  faultsToText,
  type Logger,
  type NamespaceRuntime,
  type NodeConfig,
  parseConfigText,
  type RunningNode,
  startNode,
  systemAdapters,
  type World,
} from '@concordat/node'
import { stringify } from 'yaml'
import type { AnvilProcess } from './anvil.ts'

export interface PartyOptions {
  readonly name: string
  readonly folder: string
  readonly chainUrl: string
  readonly contract: string
  readonly account: AnvilProcess['accounts'][number]
  readonly ports: { readonly api: number; readonly exchange: number }
  /** `sqlite`, or a Postgres URL. */
  readonly database: string
  /** Changes the configuration before the node reads it. */
  readonly configure?: (yaml: PartyYaml) => object
  readonly world: World
  readonly log: Logger
}

export interface PartySeed {
  readonly url: string
  readonly certSha256: string
}

/** One party of a test network, and its node while it runs. */
export class Party {
  readonly name: string
  readonly did: string
  readonly #options: PartyOptions
  #seeds: readonly PartySeed[] = []
  #node: RunningNode | undefined
  #seed: Promise<PartySeed> | undefined

  constructor(options: PartyOptions) {
    this.#options = options
    this.name = options.name
    this.did = `did:firefly:org/${options.name}`
  }

  /** The running node. */
  get node(): RunningNode {
    if (!this.#node) throw new Error(`${this.name} does not run`)
    return this.#node
  }

  get namespace(): NamespaceRuntime {
    const [namespace] = this.node.core.networks
    if (!namespace) throw new Error(`${this.name} has no namespace`)
    return namespace
  }

  get url(): string {
    return `http://127.0.0.1:${this.#options.ports.api}`
  }

  get key(): string {
    return this.#options.account.address.toLowerCase()
  }

  /** Its configuration as `concordat start` reads it, from `folder`. */
  get configText(): string {
    const yaml = yamlOf(this.#options, this.#seeds)
    return stringify(this.#options.configure?.(yaml) ?? yaml)
  }

  get folder(): string {
    return this.#options.folder
  }

  /** How a newcomer gets in. */
  seed(): Promise<PartySeed> {
    this.#seed ??= this.#makeSeed()
    return this.#seed
  }

  async #makeSeed(): Promise<PartySeed> {
    const { folder, name, world, ports } = this.#options
    const dataDir = join(folder, 'data', 'dataexchange0')
    await mkdir(dataDir, { recursive: true })
    const { cert } = await ensureCertificate({
      dataDir,
      hostnames: ['127.0.0.1'],
      peerId: name,
      now: world.now(),
    })
    return {
      url: `https://127.0.0.1:${ports.exchange}`,
      certSha256: new X509Certificate(cert).fingerprint256.replaceAll(':', '').toLowerCase(),
    }
  }

  /** Starts the node on what its folder and database hold. */
  async start(seeds: readonly PartySeed[] = this.#seeds): Promise<void> {
    const { folder, world, log } = this.#options
    await mkdir(folder, { recursive: true })
    this.#seeds = seeds
    this.#node = await startNode(this.#config(), { world, log: log.child({ party: this.name }) })
  }

  async stop(): Promise<void> {
    const node = this.#node
    this.#node = undefined
    await node?.[Symbol.asyncDispose]()
  }

  /** Registers organisation and node; resolves when both are confirmed here. */
  async register(): Promise<void> {
    await this.post('network/organizations/self', {})
    await this.until(async () => {
      // Refused until the claim of the organisation is on its way.
      await this.post('network/nodes/self', {})
      return true
    }, 'its node is claimed')
    await this.until(async () => {
      const own = await this.get<unknown[]>(`network/nodes?name=${this.name}-node`)
      return own.length > 0
    }, 'it is registered')
  }

  /** Resolves when every one of `others` is registered in this party's eyes. */
  async knows(others: readonly Party[]): Promise<void> {
    await this.until(async () => {
      const nodes = await this.get<unknown[]>('network/nodes?limit=0')
      return nodes.length >= others.length
    }, 'all nodes are known')
  }

  async get<T>(path: string): Promise<T> {
    return await this.#call<T>('GET', path)
  }

  async post<T>(path: string, body: unknown): Promise<T> {
    return await this.#call<T>('POST', path, body)
  }

  /** Waits for a fact that the API shows: while it throws, it is not one yet. Throws when it does not come about in 30 s. */
  async until(fact: () => Promise<boolean>, what: string): Promise<void> {
    const { world } = this.#options
    const end = world.now() + 30_000
    let cause: unknown
    const isSo = (): Promise<boolean> =>
      fact().catch((error: unknown) => {
        cause = error
        return false
      })
    while (!(await isSo())) {
      if (world.now() > end) throw new Error(`${this.name} waited in vain: ${what}`, { cause })
      await world.sleep(20)
    }
  }

  async #call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.url}/api/v1/namespaces/default/${path}`, {
      method,
      ...(body !== undefined && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return (text === '' ? undefined : JSON.parse(text)) as T
  }

  #config(): NodeConfig {
    const { blockchain, dataexchange, sharedstorage } = systemAdapters
    const result = parseConfigText(this.configText, this.folder, {
      blockchain,
      dataexchange,
      sharedstorage,
    })
    if (!result.ok) throw new Error(faultsToText(result.faults))
    return result.config
  }
}

/** A party's configuration, before the test has its say. */
function yamlOf(
  { chainUrl, contract, account, ports, database, name }: PartyOptions,
  seeds: readonly PartySeed[],
) {
  return {
    dataDir: 'data',
    http: { address: '127.0.0.1', port: ports.api },
    events: { webhooks: { allowedRanges: ['loopback'] } },
    plugins: {
      database: [
        database === 'sqlite'
          ? { name: 'database0', type: 'sqlite3', sqlite3: { url: 'data/concordat.db' } }
          : { name: 'database0', type: 'postgres', postgres: { url: database } },
      ],
      blockchain: [
        {
          name: 'blockchain0',
          type: 'evm',
          evm: { url: chainUrl, keys: [{ type: 'secret', secret: account.secret }] },
        },
      ],
      dataexchange: [
        {
          name: 'dataexchange0',
          type: 'mtls',
          mtls: { port: ports.exchange, peerId: name, seeds: seeds },
        },
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
            org: { name, key: account.address },
            node: { name: `${name}-node` },
            contract: [{ location: { address: contract }, firstEvent: 'oldest' }],
          },
        },
      ],
    },
  }
}

export type PartyYaml = ReturnType<typeof yamlOf>
