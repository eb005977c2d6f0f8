import { resolve } from 'node:path'
import { readConfig } from '@concordat/node'
import { adapterSchemas } from '../adapters.ts'
import { defineCommand } from '../command.ts'
import { checkChain, checkKeys } from '../doctor/chain.ts'
import { fault, findingToLine, guarded, ok } from '../doctor/finding.ts'
import { checkCertificate, checkPeers } from '../doctor/peers.ts'
import { checkDatabase, checkStorage } from '../doctor/stores.ts'

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
    const findings = await Promise.all([
      guarded('keys', 'correct plugins.blockchain', () => checkKeys(config)),
      guarded('chain', 'correct plugins.blockchain[].evm.url, or start the chain', () =>
        checkChain(config),
      ),
      guarded('certificate', 'correct certFile and keyFile', () => checkCertificate(config)),
      guarded('peers', 'correct plugins.dataexchange', () => checkPeers(config)),
      guarded('database', 'correct plugins.database', () => checkDatabase(config)),
      guarded('ipfs', 'correct plugins.sharedstorage, or start IPFS', () => checkStorage(config)),
    ])
    for (const finding of findings.flat()) print(findingToLine(finding))
    return findings.flat().some(({ state }) => state === 'fault') ? 1 : 0
  },
})
