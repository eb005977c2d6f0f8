import { existsSync, mkdirSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { makeCertificate } from '../certificate.ts'
import { defineCommand, type Values } from '../command.ts'
import { Failure } from '../failure.ts'
import { parseInvitation, toInvitation } from '../invitation.ts'
import { newSecret, passwordIn, writeKeystore } from '../key-files.ts'
import { toConfigYaml } from '../party-config.ts'
import { writePrivate } from '../private-file.ts'

const options = {
  dir: {
    type: 'string',
    placeholder: 'DIR',
    description: 'Folder to make (the name of the organisation)',
  },
  org: {
    type: 'string',
    placeholder: 'NAME',
    description: 'Name of the organisation in the network; required',
  },
  node: { type: 'string', placeholder: 'NAME', description: 'Name of the node (<org>_node)' },
  chain: {
    type: 'string',
    placeholder: 'URL',
    description: 'JSON-RPC endpoint of a chain node; required',
  },
  contract: {
    type: 'string',
    placeholder: 'ADDRESS',
    description: "The network's contract; later, if you deploy it",
  },
  endpoint: {
    type: 'string',
    placeholder: 'URL',
    description: 'https://host:port by which other parties reach this node; required',
  },
  seed: {
    type: 'string',
    multiple: true,
    placeholder: 'INVITATION',
    description: 'Invitation of a member; may be given several times',
  },
  listen: {
    type: 'string',
    placeholder: 'ADDRESS',
    description: 'Address to listen on for other parties (0.0.0.0)',
  },
  port: { type: 'string', placeholder: 'P', description: 'Port of the API, on 127.0.0.1 (5000)' },
  database: {
    type: 'string',
    placeholder: 'DB',
    description: 'sqlite, or postgres://user:password@host/name (sqlite)',
  },
} as const

export const init = defineCommand({
  name: 'init',
  summary: "Make one party's configuration, keys and certificate",
  options,
  notes: [
    'Prints the invitation that other parties need, in exchange for theirs.',
    'Next: concordat deploy (once in a network), concordat doctor, concordat start.',
  ],
  async run(values, { print, cwd }) {
    const given = require(values)
    checkOptional(values)
    const dir = resolve(cwd, values.dir ?? given.org)
    const file = join(dir, 'config.yaml')
    if (existsSync(file)) throw new Failure(`${file} is there already`)
    const seeds = values.seed.map(parseInvitation)
    mkdirSync(dir, { recursive: true, mode: 0o700 })
    const key = await writeKeystore(
      join(dir, 'keys'),
      newSecret(),
      passwordIn(join(dir, 'keys', 'password')),
    )
    const { certSha256 } = await makeCertificate(join(dir, 'tls'), given.org, [
      given.endpoint.hostname,
    ])
    const yaml = toConfigYaml({
      org: { name: given.org, description: '', key: key.address },
      node: { name: values.node ?? `${given.org}_node` },
      api: { address: '127.0.0.1', port: given.port, publicURL: '' },
      database: values.database ?? 'sqlite',
      chain: {
        url: given.chain,
        contract: values.contract ?? '',
        keys: [{ type: 'keystore', file: relative(dir, key.file), passwordFile: 'keys/password' }],
      },
      exchange: {
        hostname: values.listen ?? '0.0.0.0',
        port: Number(given.endpoint.port || 443),
        endpoint: given.endpoint.origin,
        certFile: 'tls/cert.pem',
        keyFile: 'tls/key.pem',
        seeds,
      },
      webhookRanges: [],
    })
    writePrivate(file, yaml)
    print(`Configuration: ${file}`)
    print(`Signing key:   ${key.address} (it needs funds, where the chain asks for them)`)
    print(`Invitation:    ${toInvitation({ url: given.endpoint.origin, certSha256 })}`)
    if (values.contract === undefined)
      print(`Contract:      none yet; run: concordat deploy -f ${file}`)
    return 0
  },
})

interface Given {
  readonly org: string
  readonly chain: string
  readonly endpoint: URL
  readonly port: number
}

const wrong = (message: string): Failure =>
  new Failure(`${message}; see: concordat help init`, { exitCode: 2 })

/** What may be left out, where it is given. */
function checkOptional({ contract, database, node }: Values<typeof options>): void {
  if (contract !== undefined && !/^0x[0-9a-f]{40}$/i.test(contract))
    throw wrong(`--contract: '${contract}' is not an address (0x and 40 hex digits)`)
  if (database !== undefined && database !== 'sqlite' && !isPostgres(database))
    throw wrong('--database: give sqlite, or postgres://user:password@host/name')
  if (node !== undefined && !/^[0-9a-zA-Z]([0-9a-zA-Z._-]{0,62}[0-9a-zA-Z])?$/.test(node))
    throw wrong('--node: name the node (letters, digits, . _ -)')
}

const isPostgres = (text: string): boolean =>
  /^postgres(ql)?:$/.test(URL.parse(text)?.protocol ?? '') && URL.parse(text)?.hostname !== ''

function require({ org, chain, endpoint, port = '5000' }: Values<typeof options>): Given {
  if (org === undefined || !/^[0-9a-zA-Z]([0-9a-zA-Z._-]{0,57}[0-9a-zA-Z])?$/.test(org)) {
    throw wrong('--org: name the organisation (letters, digits, . _ -)')
  }
  if (chain === undefined || !/^(https?|wss?):\/\//.test(chain) || !URL.canParse(chain))
    throw wrong("--chain: give the chain's URL")
  if (endpoint === undefined || !endpoint.startsWith('https://') || !URL.canParse(endpoint)) {
    throw wrong('--endpoint: give https://host:port')
  }
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
    throw wrong(`--port: '${port}' is not a port`)
  return { org, chain, endpoint: new URL(endpoint), port: Number(port) }
}
