import { join } from 'node:path'
import { defineCommand } from '../command.ts'
import { runChain } from '../dev/chain/run-chain.ts'
import { readNetwork } from '../dev/network.ts'
import { errorToLine, Failure } from '../failure.ts'
import { aborted, tieToParent } from '../lifeline.ts'

/** The chain of a dev network, with a keeper that outlives a parent killed hard just long enough to stop it cleanly. */
export const devChain = defineCommand({
  name: 'dev-chain',
  summary: 'Run the chain of a dev network (started by `concordat dev`)',
  hidden: true,
  options: { data: { type: 'string', description: 'Data folder of the network' } },
  async run({ data }, { stop }) {
    const network = data === undefined ? undefined : readNetwork(data)
    if (data === undefined || network === undefined) throw new Failure('no network there')
    const { port, mnemonic, accounts, genesisTime } = network.chain
    const { blockTime } = network
    const lifeline = tieToParent(stop)
    await using chain = await runChain({
      dir: join(data, 'chain'),
      port,
      mnemonic,
      accounts,
      genesisTime,
      ...(blockTime !== undefined && { blockTime }),
    })
    lifeline.ready(chain.facts)
    const lost = chain.lost.then((cause) => {
      throw new Failure(`blocks can't be kept: ${errorToLine(cause)}`, { cause })
    })
    const end = await Promise.race([chain.exited, lost, aborted(lifeline.signal)])
    if (end === undefined) return 0
    throw new Failure(`anvil ended (${end.signal ?? `code ${end.code}`})`)
  },
})
