import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createKeystore, openKeystore } from './keystore.ts'
import { openSigner } from './signers.ts'

// The two examples of the Web3 secret storage definition.
const published = '0x7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d'
const cipherparams = { iv: '6087dab2f9fdbbfaddc31a909735c1e6' }
const withPbkdf2 = {
  crypto: {
    cipher: 'aes-128-ctr',
    cipherparams,
    ciphertext: '5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46',
    kdf: 'pbkdf2',
    kdfparams: {
      c: 262144,
      dklen: 32,
      prf: 'hmac-sha256',
      salt: 'ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd',
    },
    mac: '517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2',
  },
  id: '3198bc9c-6672-5ab3-d995-4942343ae5b6',
  version: 3,
}
const withScrypt = {
  crypto: {
    cipher: 'aes-128-ctr',
    cipherparams: { iv: '83dbcc02d8ccb40e466191a123791e0e' },
    ciphertext: 'd172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c',
    kdf: 'scrypt',
    kdfparams: {
      dklen: 32,
      n: 262144,
      r: 1,
      p: 8,
      salt: 'ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19',
    },
    mac: '2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097',
  },
  id: '3198bc9c-6672-5ab3-d995-4942343ae5b6',
  version: 3,
}

test('opens the published examples', async () => {
  for (const keystore of [withPbkdf2, withScrypt]) {
    assert.equal(await openKeystore(JSON.stringify(keystore), 'testpassword'), published)
  }
})

test('what it locks it opens, with the right password only', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'keystore-'))
  t.after(() => rm(folder, { recursive: true }))
  const secret = createHash('sha256').update('a key').digest('hex')
  const keystore = await createKeystore(secret, 'pässword', randomBytes, { n: 1024 })
  const text = JSON.stringify(keystore)
  assert.equal(await openKeystore(text, 'pässword'), `0x${secret}`)
  await assert.rejects(openKeystore(text, 'password'), /does not open/)
  assert(!text.includes(secret))
  const file = join(folder, 'key.json')
  const passwordFile = join(folder, 'password')
  await writeFile(file, text.replace('"crypto"', '"Crypto"'))
  await writeFile(passwordFile, 'pässword\n')
  const signer = await openSigner({ type: 'keystore', file, passwordFile })
  assert.deepEqual(await signer.addresses(), [`0x${keystore.address}`])
})

test('refuses what is no keystore, without showing it', async () => {
  await assert.rejects(openKeystore('secret words', 'x'), { message: 'the keystore is not JSON' })
  await assert.rejects(openKeystore('{"version":1}', 'x'), /not a keystore of version 3/)
  const weak = { ...withPbkdf2, crypto: { ...withPbkdf2.crypto, kdf: 'none' } }
  await assert.rejects(openKeystore(JSON.stringify(weak), 'x'), /not a keystore of version 3/)
})
