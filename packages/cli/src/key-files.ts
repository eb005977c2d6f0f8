import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createKeystore, createLocalSigner, createSystemWorld } from '@concordat/node'
import { Failure } from './failure.ts'
import { writePrivate } from './private-file.ts'

/** A signing key in a keystore file (version 3). */
export interface KeyFile {
  /** Lower case. */
  readonly address: string
  readonly file: string
}

/** A new secret: 64 hex digits. */
export const newSecret = (): string => randomBytes(32).toString('hex')

/** Locks a secret in `<dir>/<address>.json`; never overwrites another. */
export async function writeKeystore(
  dir: string,
  secret: string,
  password: string,
): Promise<KeyFile> {
  const address = await addressOf(secret)
  const file = join(dir, `${address}.json`)
  if (existsSync(file)) throw new Failure(`${file} is there already`)
  const keystore = await createKeystore(secret, password, createSystemWorld().random)
  writePrivate(file, `${JSON.stringify(keystore)}\n`)
  return { address, file }
}

async function addressOf(secret: string): Promise<string> {
  try {
    const [address = ''] = await createLocalSigner(secret).addresses()
    return address
  } catch (cause) {
    throw new Failure('that is not a secret key: 64 hex digits', { cause })
  }
}

/** The password in a file; a new one if the file is not there. */
export function passwordIn(file: string): string {
  if (!existsSync(file)) writePrivate(file, `${randomBytes(24).toString('base64url')}\n`)
  const password = readFileSync(file, 'utf8').replace(/\r?\n$/, '')
  if (password === '') throw new Failure(`${file} is empty; write a password in it`)
  return password
}
