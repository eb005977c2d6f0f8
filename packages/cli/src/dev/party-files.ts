import { join } from 'node:path'
import { makeCertificate } from '../certificate.ts'
import { type Seed, toConfigYaml } from '../party-config.ts'
import { writePrivate } from '../private-file.ts'
import type { Network, Party } from './network.ts'
import { type Account, type Accounts, toStackJson, toStackState } from './stack-files.ts'

const host = '127.0.0.1'

/** Where a party's files are. */
export const partyDir = (dataDir: string, name: string): string => join(dataDir, 'parties', name)

/** Makes the parties' certificates, and gives what each says about itself to the others. */
export async function makeSeeds(dataDir: string, parties: readonly Party[]): Promise<Seed[]> {
  return Promise.all(
    parties.map(async ({ name, exchangePort }) => {
      const dir = join(partyDir(dataDir, name), 'tls')
      const { certSha256 } = await makeCertificate(dir, name, [host])
      return { url: `https://${host}:${exchangePort}`, certSha256 }
    }),
  )
}

export interface PartyFiles {
  readonly dataDir: string
  readonly network: Network
  readonly chainUrl: string
  readonly contract: string
  readonly accounts: Accounts
  /** In the order of the parties. */
  readonly seeds: readonly Seed[]
  /** A database of each party, in their order. */
  readonly databases: readonly string[]
}

/** Writes each party's configuration and keys, and the stack folder. The same again changes nothing. */
export function writeFiles(files: PartyFiles): void {
  const { dataDir, network, accounts } = files
  const stackDir = join(dataDir, 'stack')
  const json = (value: object): string => `${JSON.stringify(value, null, 2)}\n`
  writePrivate(join(stackDir, 'stack.json'), json(toStackJson(network)))
  writePrivate(join(stackDir, 'runtime', 'stackState.json'), json(toStackState(accounts)))
  for (const account of accounts.spare) writeKey(join(stackDir, 'keys'), account)
  for (const [i, party] of network.parties.entries()) writeParty(files, party, i)
}

const keyName = ({ address }: Account): string => `${address}.key`

const writeKey = (dir: string, account: Account): void =>
  writePrivate(join(dir, keyName(account)), `${account.secret}\n`)

function writeParty(files: PartyFiles, party: Party, index: number): void {
  const { dataDir, chainUrl, contract, accounts, seeds, databases } = files
  const account = accounts.parties[index]
  if (account === undefined) throw new Error(`no account for ${party.name}`)
  const dir = partyDir(dataDir, party.name)
  writeKey(join(dir, 'keys'), account)
  const yaml = toConfigYaml({
    org: { name: party.name, description: `Organisation ${party.name}`, key: account.address },
    node: { name: party.nodeName },
    api: { address: host, port: party.apiPort, publicURL: `http://${host}:${party.apiPort}` },
    ...(party.spiPort !== undefined && { spiPort: party.spiPort }),
    database: databases[index] ?? 'sqlite',
    chain: {
      url: chainUrl,
      contract,
      confirmations: 0,
      keys: [
        { type: 'file', file: `keys/${keyName(account)}` },
        ...accounts.spare.map((spare) => ({
          type: 'file',
          file: `../../stack/keys/${keyName(spare)}`,
        })),
      ],
    },
    exchange: {
      hostname: host,
      port: party.exchangePort,
      certFile: 'tls/cert.pem',
      keyFile: 'tls/key.pem',
      seeds: seeds.filter((_, i) => i !== index),
    },
    webhookRanges: ['loopback'],
  })
  writePrivate(join(dir, 'config.yaml'), yaml)
}
