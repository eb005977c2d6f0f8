import type { Network, Party } from './network.ts'

/** Where parties' accounts end and spare ones begin; also the most parties a network may have. */
const firstSpare = 24
const spares = 12

/** An account of the dev chain. */
export interface Account {
  readonly address: string
  readonly secret: string
}

/** Parties, spare ones, and the last for the one who deploys the contract. */
export const accountsInAll = (maxParties: number): number =>
  Math.max(maxParties, firstSpare) + spares + 1

export interface Accounts {
  /** In the order of the parties. */
  readonly parties: readonly Account[]
  /** Funded, and every node may sign with them. */
  readonly spare: readonly Account[]
  readonly deployer: Account
}

/** Says whose each account is. */
export function divideAccounts(all: readonly Account[], parties: number): Accounts {
  const deployer = all.at(-1)
  if (deployer === undefined || all.length < firstSpare + spares + 1) {
    throw new Error(`the chain has ${all.length} accounts only`)
  }
  return {
    parties: all.slice(0, parties),
    spare: all.slice(firstSpare, firstSpare + spares),
    deployer,
  }
}

/** `stack.json`, by which FireFly's tools find the members of a network. */
export function toStackJson(network: Network): object {
  return {
    name: 'concordat',
    blockchainProvider: 'ethereum',
    blockchainConnector: 'evmconnect',
    tokenProviders: [],
    database: network.database === 'sqlite' ? 'sqlite3' : 'postgres',
    exposedBlockchainPort: network.chain.port,
    members: network.parties.map((party, i) => toMember(party, i, network.chain.port)),
  }
}

const toMember = (party: Party, index: number, chainPort: number) => ({
  id: `${index}`,
  index,
  orgName: party.name,
  nodeName: party.nodeName,
  exposedFireflyPort: party.apiPort,
  exposedFireflyAdminPort: party.spiPort ?? 0,
  exposedConnectorPort: chainPort,
  fireflyHostname: '127.0.0.1',
  useHttps: false,
})

/** `runtime/stackState.json`: the members' accounts in their order, then the spare ones. */
export function toStackState({ parties, spare }: Accounts): object {
  const accounts = [...parties, ...spare]
  return { accounts: accounts.map(({ address, secret }) => ({ address, privateKey: secret })) }
}
