import { english, generateMnemonic } from 'viem/accounts'
import { Failure } from '../failure.ts'
import type { Network, Party } from './network.ts'
import { type DevOptions, maxParties } from './options.ts'
import type { Ports } from './ports.ts'
import { accountsInAll } from './stack-files.ts'

const defaultParties = ['org_0', 'org_1', 'org_2']
const defaultPort = 5000

/**
 * The network to run: the one there was with what the options change, or a new one. Ports that are written on the chain or
 * in other parties' files are chosen once and stay.
 */
export async function planNetwork(
  before: Network | undefined,
  options: DevOptions,
  ports: Ports,
): Promise<Network> {
  const names = options.parties ?? before?.parties.map(({ name }) => name) ?? defaultParties
  if (before !== undefined) refuseContradictions(before, options, names)
  const known = before?.parties ?? []
  const first = options.port ?? known[0]?.apiPort ?? defaultPort
  const firstSpi = options.spiPort ?? known[0]?.spiPort
  const last = Math.max(first, firstSpi ?? 0) + names.length - 1
  if (last > 65_535) throw new Failure(`there are no ports above 65535 for ${names.length} parties`)
  const parties: Party[] = []
  for (const [i, name] of orderLike(known, names).entries()) {
    const party = known.find((one) => one.name === name)
    parties.push({
      name,
      nodeName: nodeNameOf(name),
      apiPort: first + i,
      exchangePort: party?.exchangePort ?? (await ports.choose()),
      ...(firstSpi !== undefined && { spiPort: firstSpi + i }),
    })
  }
  const blockTime = options.blockTime ?? before?.blockTime
  return {
    version: 1,
    database: before?.database ?? options.database ?? 'sqlite',
    ...(blockTime !== undefined && { blockTime }),
    chain: before?.chain ?? {
      port: await ports.choose(),
      mnemonic: generateMnemonic(english),
      accounts: accountsInAll(maxParties),
      genesisTime: Math.floor(Date.now() / 1000),
    },
    parties,
  }
}

function refuseContradictions(
  before: Network,
  options: DevOptions,
  names: readonly string[],
): void {
  const gone = before.parties.find(({ name }) => !names.includes(name))
  if (gone !== undefined) {
    throw new Failure(
      `the network in ${options.dataDir} has party ${gone.name} too; name it in --parties, or begin anew with --reset`,
    )
  }
  if (options.database !== undefined && options.database !== before.database) {
    throw new Failure(
      `the network in ${options.dataDir} has another database; leave out --database, or begin anew with --reset`,
    )
  }
}

/** Parties there were keep their places, and so their accounts and ports. */
const orderLike = (known: readonly Party[], names: readonly string[]): string[] => {
  const before = known.map(({ name }) => name)
  return [...before, ...names.filter((name) => !before.includes(name))]
}

const nodeNameOf = (name: string): string => {
  const number = /^org_(\d+)$/.exec(name)?.[1]
  return number === undefined ? `${name}_node` : `node_${number}`
}
