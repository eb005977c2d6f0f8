import { readFile } from 'node:fs/promises'
import Type, { type Static } from 'typebox'
import { openKeystore } from './keystore.ts'
import { createLocalSigner } from './local-signer.ts'
import { createRemoteSigner } from './remote-signer.ts'
import type { Signer } from './signer.ts'

/** One source of signing keys, as the configuration names it. */
export const KeySource = Type.Union([
  Type.Object(
    { type: Type.Literal('keystore'), file: Type.String(), passwordFile: Type.String() },
    { additionalProperties: false, description: 'A keystore file (version 3) and its password.' },
  ),
  Type.Object(
    { type: Type.Literal('file'), file: Type.String() },
    { additionalProperties: false, description: 'A file with a secret key of 64 hex digits.' },
  ),
  Type.Object(
    { type: Type.Literal('secret'), secret: Type.String() },
    { additionalProperties: false, description: 'A secret key, best taken from the environment.' },
  ),
  Type.Object(
    {
      type: Type.Literal('remote'),
      url: Type.String(),
      addresses: Type.Optional(Type.Array(Type.String())),
    },
    { additionalProperties: false, description: 'A signing service that speaks JSON-RPC.' },
  ),
])
export type KeySource = Static<typeof KeySource>

/** Opens a source of keys. Rejects, naming the file but not its content, when it can't be used. */
export async function openSigner(source: KeySource): Promise<Signer> {
  switch (source.type) {
    case 'remote':
      return createRemoteSigner(source.url, source.addresses)
    case 'secret':
      return createLocalSigner(source.secret)
    case 'file':
      return inFile(source.file, async (text) => createLocalSigner(text))
    case 'keystore': {
      const password = (await readFile(source.passwordFile, 'utf8')).replace(/\r?\n$/, '')
      return inFile(source.file, async (text) =>
        createLocalSigner(await openKeystore(text, password)),
      )
    }
  }
}

async function inFile<T>(file: string, use: (text: string) => Promise<T>): Promise<T> {
  const text = await readFile(file, 'utf8')
  try {
    return await use(text)
  } catch (cause) {
    throw new Error(`${file}: ${cause instanceof Error ? cause.message : 'unusable'}`, { cause })
  }
}
