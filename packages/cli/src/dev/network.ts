import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Type, { type Static } from 'typebox'
import Value from 'typebox/value'
import { Failure } from '../failure.ts'

const Party = Type.Object({
  name: Type.String(),
  nodeName: Type.String(),
  apiPort: Type.Integer(),
  exchangePort: Type.Integer(),
  spiPort: Type.Optional(Type.Integer()),
})
export type Party = Static<typeof Party>

/** What a dev network is, kept between starts in `network.json`. */
export const Network = Type.Object({
  version: Type.Literal(1),
  /** `sqlite`, or the URL of a Postgres server. */
  database: Type.String(),
  /** Seconds between blocks; absent: a block at once for each transaction. */
  blockTime: Type.Optional(Type.Number()),
  chain: Type.Object({
    port: Type.Integer(),
    mnemonic: Type.String(),
    /** Funded accounts. Parties have the first ones, see `stack-files.ts`. */
    accounts: Type.Integer(),
    /** The time of block 0, in seconds since 1970. */
    genesisTime: Type.Integer(),
    /** Hash of block 0: another one means another chain. */
    genesis: Type.Optional(Type.String()),
    /** Address of the contract. */
    contract: Type.Optional(Type.String()),
  }),
  parties: Type.Array(Party),
})
export type Network = Static<typeof Network>

const fileOf = (dataDir: string): string => join(dataDir, 'network.json')

/** The network of a data folder; undefined if there is none yet. */
export function readNetwork(dataDir: string): Network | undefined {
  const file = fileOf(dataDir)
  if (!existsSync(file)) return undefined
  const unusable = `${file} cannot be used; begin anew with --reset`
  let parsed: unknown
  try {
    parsed = JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new Failure(unusable, { cause })
  }
  if (Value.Check(Network, parsed)) return parsed
  throw new Failure(unusable)
}

/** Written whole or not at all. */
export function writeNetwork(dataDir: string, network: Network): void {
  const file = fileOf(dataDir)
  writeFileSync(`${file}.new`, `${JSON.stringify(network, null, 2)}\n`, { mode: 0o600 })
  renameSync(`${file}.new`, file)
}
