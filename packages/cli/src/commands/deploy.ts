import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { createSystemWorld, deployContract, faultsToText, parseConfigText } from '@concordat/node'
import { parseDocument } from 'yaml'
import { adapterSchemas } from '../adapters.ts'
import { defineCommand } from '../command.ts'
import { Failure } from '../failure.ts'
import { writePrivate } from '../private-file.ts'
import { chainSection, openKeys } from '../signing-keys.ts'

const addressAt = (index: number) =>
  ['namespaces', 'predefined', index, 'multiparty', 'contract', 0, 'location', 'address'] as const
/** Stands in while there is no contract, so that the rest of the file can be checked. */
const none = `0x${'0'.repeat(40)}`

export const deploy = defineCommand({
  name: 'deploy',
  summary: "Put the network's contract on the chain (one party does it, once)",
  options: {
    file: {
      type: 'string',
      short: 'f',
      placeholder: 'FILE',
      description: 'The configuration (config.yaml)',
    },
    confirmations: {
      type: 'string',
      placeholder: 'N',
      description:
        'Blocks after which all members take a pin as final; 0 only for a chain whose blocks stay; required',
    },
    writer: {
      type: 'string',
      multiple: true,
      placeholder: 'ADDRESS',
      description: 'Key that may pin; may be given several times (anyone)',
    },
  },
  notes: [
    "Signs with the organisation's key, and writes the address into the configuration.",
    'The number of confirmations is written on the chain: every member goes by it.',
  ],
  async run({ file = 'config.yaml', confirmations, writer }, { print, cwd, stop }) {
    const depth = toDepth(confirmations)
    const path = resolve(cwd, file)
    const document = parseDocument(readFileSync(path, 'utf8'))
    const before = document.getIn(addressAt(0))
    if (typeof before === 'string' && before !== '')
      throw new Failure(`${file} names a contract already: ${before}`)
    document.setIn(addressAt(0), none)
    const read = parseConfigText(document.toString(), dirname(path), adapterSchemas)
    if (!read.ok) throw new Failure(`the configuration has faults: ${faultsToText(read.faults)}`)
    const key = read.config.namespaces[0]?.multiparty?.org.key.toLowerCase() ?? ''
    const opened = (await openKeys(read.config)).map(({ outcome }) => outcome)
    const holder = opened.find((one) => one.ok && one.addresses.includes(key))
    if (!holder?.ok)
      throw new Failure(
        `no key of the configuration is that of the organisation, ${key}; see: concordat keys list`,
      )
    const deployed = await deployContract({
      url: chainSection(read.config).url,
      signer: holder.signer,
      key,
      confirmations: depth,
      writers: writer,
      world: createSystemWorld(),
      signal: stop,
    })
    document.setIn(addressAt(0), deployed.address)
    writePrivate(path, document.toString())
    print(deployed.address)
    print(`In block ${deployed.blockNumber}, written into ${path}; tell the other parties.`)
    return 0
  },
})

function toDepth(text: string | undefined): number {
  if (text !== undefined && /^\d{1,6}$/.test(text)) return Number(text)
  throw new Failure(
    '--confirmations: say how many blocks make a pin final; see: concordat help deploy',
    { exitCode: 2 },
  )
}
