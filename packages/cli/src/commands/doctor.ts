import { resolve } from 'node:path'
import { type NodeConfig, readConfig, readKnown } from '@concordat/node'
import { adapterSchemas } from '../adapters.ts'
import { defineCommand } from '../command.ts'
import { checkCertificates } from '../doctor/certificates.ts'
import { checkChain, checkFunds, checkKeys } from '../doctor/chain.ts'
import { fault, findingToLine, guarded, ok } from '../doctor/finding.ts'
import { checkPeers } from '../doctor/peers.ts'
import { checkDatabase, checkStorage, type Reading } from '../doctor/stores.ts'

export const doctor = defineCommand({
  name: 'doctor',
  summary: 'Check configuration, chain, keys, peers, clocks, certificates and database',
  options: {
    file: {
      type: 'string',
      short: 'f',
      placeholder: 'FILE',
      description: 'The configuration (config.yaml)',
    },
  },
  notes: ['Says what to do about each fault. Exit code 1 if there is one; warnings do not count.'],
  async run({ file = 'config.yaml' }, { print, cwd }) {
    const path = resolve(cwd, file)
    const read = readConfig(path, adapterSchemas)
    if (!read.ok) {
      for (const one of read.faults)
        print(findingToLine(fault(one.path || file, one.problem, one.mend)))
      return 1
    }
    print(findingToLine(ok('configuration', path)))
    const { config } = read
    const reading = await readDatabase(config)
    const { known } = reading
    const findings = await Promise.all([
      guarded('keys', 'correct plugins.blockchain', () => checkKeys(config)),
      guarded('chain', 'correct plugins.blockchain[].evm.url, or start the chain', () =>
        checkChain(config, known),
      ),
      guarded('funds', 'look at the chain first', () => checkFunds(config)),
      guarded('certificate', 'correct certFile and keyFile', async () =>
        checkCertificates(config, known),
      ),
      guarded('peers', 'correct plugins.dataexchange', () => checkPeers(config, known)),
      guarded('database', 'correct plugins.database', async () => checkDatabase(config, reading)),
      guarded('shared storage', 'correct plugins.sharedstorage', () => checkStorage(config)),
    ])
    for (const finding of findings.flat()) print(findingToLine(finding))
    return findings.flat().some(({ state }) => state === 'fault') ? 1 : 0
  },
})

const readDatabase = (config: NodeConfig): Promise<Reading> =>
  readKnown(config).then(
    (known) => ({ known }),
    (error: unknown) => ({
      known: undefined,
      failure: error instanceof Error ? error.message || String(error) : 'cannot be read',
    }),
  )
