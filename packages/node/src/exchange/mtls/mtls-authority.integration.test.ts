import assert from 'node:assert/strict'
import { KeyObject, webcrypto } from 'node:crypto'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import { introduce } from '../exchange.testing.ts'
import type { MtlsConfig } from './config.ts'
import { startParty } from './mtls.testing.ts'

const signal = AbortSignal.timeout(60_000)
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const day = 24 * 3600_000

interface Authority {
  issue(organization: string, notAfter?: Date): Promise<Partial<MtlsConfig>>
}

async function createAuthority(): Promise<Authority> {
  const folder = await mkdtemp(join(tmpdir(), 'authority-'))
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const dates = { notBefore: new Date(Date.now() - 2 * day), notAfter: new Date(Date.now() + day) }
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=Authority',
    ...dates,
    signingAlgorithm: algorithm,
    keys,
    extensions: [new x509.BasicConstraintsExtension(true, 0, true)],
  })
  const caFile = join(folder, 'ca.pem')
  await writeFile(caFile, authority.toString('pem'))
  let count = 0
  return {
    async issue(organization, notAfter = dates.notAfter) {
      const own = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
      const certificate = await x509.X509CertificateGenerator.create({
        subject: [{ O: [organization] }, { OU: ['branch'] }],
        issuer: authority.subject,
        ...dates,
        notAfter,
        signingAlgorithm: algorithm,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
      })
      count += 1
      const [certFile, keyFile] = [
        join(folder, `cert${count}.pem`),
        join(folder, `key${count}.pem`),
      ]
      await writeFile(certFile, certificate.toString('pem'))
      const key = KeyObject.from(own.privateKey).export({ type: 'pkcs8', format: 'pem' })
      await writeFile(keyFile, key)
      return { certFile, keyFile, caFile }
    },
  }
}

describe('mtls certificates issued by an authority', { timeout: 60_000 }, () => {
  it('trusts what the registered authority issued to the same party, while it is valid', async () => {
    const [authority, other] = [await createAuthority(), await createAuthority()]
    await using bob = await startParty('bob')
    await using registered = await startParty('', await authority.issue('alice'))
    introduce(registered, bob)
    assert.equal(registered.exchange.profile('node').id, 'alice-branch/node')
    const tryAs = async (config: Partial<MtlsConfig>): Promise<string> => {
      await using party = await startParty('', config)
      party.exchange.addPeer(bob.exchange.profile('node'))
      return await party.exchange.sendMessage(
        'alice-branch/node',
        'bob/node',
        Buffer.from('{}'),
        signal,
      )
    }
    assert.equal(await tryAs(await authority.issue('alice')), 'accepted')
    assert.equal(await tryAs(await authority.issue('mallory')), 'later')
    assert.equal(await tryAs(await authority.issue('alice', new Date(Date.now() - day))), 'later')
    assert.equal(await tryAs(await other.issue('alice')), 'later')
  })
})
