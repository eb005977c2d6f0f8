import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  AsyncStack,
  createLocalSigner,
  createSystemWorld,
  deployContract,
  type Logger,
  silentLogger,
  type World,
} from '@concordat/node'
import { type AnvilProcess, startAnvil } from './anvil.ts'
import { Party, type PartyYaml } from './party.ts'

export interface NetworkOptions {
  /** Names of the organisations. */
  readonly parties: readonly string[]
  /** Per party, a Postgres URL; SQLite in the party's folder when absent. */
  readonly databaseUrl?: (party: string) => Promise<string>
  readonly blockTimeSeconds?: number
  /** The network's confirmation depth; none if absent. */
  readonly confirmations?: number
  /** Changes a party's configuration before its node reads it. */
  readonly configure?: (yaml: PartyYaml, party: string, chain: AnvilProcess) => object
  readonly log?: Logger
}

/** A network on this machine: a real chain, and each party's node in this process, with keys, certificates and a database of its own. */
export interface Network extends AsyncDisposable {
  readonly anvil: AnvilProcess
  readonly world: World
  readonly contract: string
  readonly parties: readonly Party[]
  party(name: string): Party
  /** Starts a further party's node and registers it. */
  join(name: string): Promise<Party>
}

/** Starts a network and registers every party; resolves when all know each other. */
export async function startNetwork(options: NetworkOptions): Promise<Network> {
  await using stack = new AsyncStack()
  const folder = await mkdtemp(join(tmpdir(), 'concordat-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const world = createSystemWorld()
  const anvil = stack.use(
    await startAnvil({
      accounts: 20,
      ...(options.blockTimeSeconds !== undefined && { blockTimeSeconds: options.blockTimeSeconds }),
    }),
  )
  const deployer = anvil.accounts.at(-1)
  if (!deployer) throw new Error('the chain has no accounts')
  const { address } = await deployContract({
    url: anvil.url,
    signer: createLocalSigner(deployer.secret),
    confirmations: options.confirmations ?? 0,
    world,
    signal: AbortSignal.timeout(30_000),
  })
  const parties: Party[] = []
  const prepare = async (name: string, i: number): Promise<Party> => {
    const account = anvil.accounts[i]
    if (!account) throw new Error('the chain has too few accounts')
    const { configure } = options
    return new Party({
      name,
      folder: join(folder, name),
      chainUrl: anvil.url,
      contract: address,
      account,
      ports: { api: await freePort(), exchange: await freePort() },
      database: (await options.databaseUrl?.(name)) ?? 'sqlite',
      ...(configure && { configure: (yaml) => configure(yaml, name, anvil) }),
      world,
      log: options.log ?? silentLogger,
    })
  }
  for (const [i, name] of options.parties.entries()) parties.push(await prepare(name, i))
  stack.defer(async () => {
    for (const party of parties) await party.stop()
  })
  await Promise.all(parties.map(async (party) => party.start(await seedsFor(party, parties))))
  await Promise.all(parties.map((party) => party.register()))
  await Promise.all(parties.map((party) => party.knows(parties)))

  const owned = stack.move()
  return {
    anvil,
    world,
    contract: address,
    parties,
    party(name) {
      const found = parties.find((party) => party.name === name)
      if (!found) throw new Error(`no party ${name}`)
      return found
    },
    async join(name) {
      const party = await prepare(name, parties.length)
      await party.start(await seedsFor(party, parties))
      parties.push(party)
      await party.register()
      await Promise.all(parties.map((each) => each.knows(parties)))
      return party
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

const seedsFor = (party: Party, all: readonly Party[]) =>
  Promise.all(all.filter((other) => other !== party).map((other) => other.seed()))

/** Below the ports that systems give to outgoing connections, so that none takes it before it is used. */
const PORTS = { first: 12_000n, count: 20_000n }

/** A port of this machine on which nobody listens. */
export async function freePort(): Promise<number> {
  for (;;) {
    const spread = process.hrtime.bigint() * 7_919n + BigInt(process.pid) * 104_729n
    const port = Number(PORTS.first + (spread % PORTS.count))
    if (await isFree(port)) return port
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  const listened = new Promise<boolean>((resolve) => {
    server.once('listening', () => resolve(true))
    server.once('error', () => resolve(false))
  })
  server.listen(port, '127.0.0.1')
  if (!(await listened)) return false
  await new Promise((resolve) => server.close(resolve))
  return true
}
