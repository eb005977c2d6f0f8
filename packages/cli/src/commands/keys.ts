import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { faultsToText, readConfig } from '@concordat/node'
import { adapterSchemas } from '../adapters.ts'
import { defineCommand } from '../command.ts'
import { Failure } from '../failure.ts'
import { newSecret, passwordIn, writeKeystore } from '../key-files.ts'
import { openKeys } from '../signing-keys.ts'

export const keys = defineCommand({
  name: 'keys',
  summary: 'Make, import and list signing keys',
  positionals: ['<create|import|list>'],
  options: {
    dir: { type: 'string', placeholder: 'DIR', description: 'Folder for keystore files (keys)' },
    password: {
      type: 'string',
      placeholder: 'FILE',
      description: 'File with the password (DIR/password, made if missing)',
    },
    secret: {
      type: 'string',
      placeholder: 'FILE',
      description: 'import: file with the secret key, 64 hex digits',
    },
    file: {
      type: 'string',
      short: 'f',
      placeholder: 'FILE',
      description: 'list: the configuration (config.yaml)',
    },
  },
  notes: ['Keys are kept as keystore files, version 3, as wallets read and write them.'],
  async run({ dir = 'keys', password, secret, file = 'config.yaml' }, { print, cwd }, [what]) {
    if (what === 'list') return list(resolve(cwd, file), print)
    if (what !== 'create' && what !== 'import') {
      throw new Failure('say what to do: create, import or list', { exitCode: 2 })
    }
    if (what === 'import' && secret === undefined) {
      throw new Failure('name the file with the secret key: --secret FILE', { exitCode: 2 })
    }
    const folder = resolve(cwd, dir)
    const passwordFile = password === undefined ? join(folder, 'password') : resolve(cwd, password)
    const text = secret === undefined ? newSecret() : readFileSync(resolve(cwd, secret), 'utf8')
    const made = await writeKeystore(folder, text.trim(), passwordIn(passwordFile))
    print(`${made.address}  ${made.file}`)
    print(`  - { type: keystore, file: ${made.file}, passwordFile: ${passwordFile} }`)
    print('Put the second line under plugins.blockchain[].evm.keys.')
    return 0
  },
})

async function list(file: string, print: (line: string) => void): Promise<number> {
  const result = readConfig(file, adapterSchemas)
  if (!result.ok) throw new Failure(`the configuration has faults: ${faultsToText(result.faults)}`)
  let failed = false
  for (const { source, outcome } of await openKeys(result.config)) {
    if (outcome.ok) for (const address of outcome.addresses) print(`${address}  ${source}`)
    else print(`unusable  ${source}: ${outcome.reason}`)
    failed ||= !outcome.ok
  }
  return failed ? 1 : 0
}
