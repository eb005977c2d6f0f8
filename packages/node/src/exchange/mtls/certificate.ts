import { KeyObject, randomUUID, webcrypto, X509Certificate } from 'node:crypto'
import { chmod, mkdir, open, readFile, rename } from 'node:fs/promises'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { NodeError } from '@concordat/protocol'
import { peerIdOf } from './subject.ts'

const YEARS = 30

export interface OwnCertificate {
  /** PEM. */
  readonly key: string
  /** PEM, the leaf first. */
  readonly cert: string
  /** PEM of the authority that issued it, where the operator gave one. */
  readonly ca?: string
  readonly peerId: string
  /** What peers are told: the authority and the certificate. */
  readonly published: string
}

export interface CertificateOptions {
  readonly dataDir: string
  /** Names and addresses that peers may reach us by. */
  readonly hostnames: readonly string[]
  readonly peerId?: string
  readonly certFile?: string
  readonly keyFile?: string
  readonly caFile?: string
  /** Milliseconds since 1970. */
  readonly now: number
}

/** The operator's certificate, or the one made on the first start and kept in `dataDir` (`key.pem`, `cert.pem`, mode 0600). */
export async function ensureCertificate(options: CertificateOptions): Promise<OwnCertificate> {
  const { certFile, keyFile, caFile, dataDir } = options
  if ((certFile === undefined) !== (keyFile === undefined)) {
    throw fault('certFile and keyFile go together')
  }
  const own = certFile === undefined || keyFile === undefined
  const certPath = own ? join(dataDir, 'cert.pem') : certFile
  const keyPath = own ? join(dataDir, 'key.pem') : keyFile
  if (own && (await readOptional(certPath)) === undefined)
    await makeCertificate(options, keyPath, certPath)
  const cert = await readFile(certPath, 'utf8')
  const key = await readFile(keyPath, 'utf8')
  const ca = caFile === undefined ? undefined : await readFile(caFile, 'utf8')
  const peerId = peerIdOf(new X509Certificate(cert))
  if (peerId === undefined) throw fault(`${certPath} has no organisation (O) in its subject`)
  const published = ca === undefined ? cert : `${ca.trimEnd()}\n${cert}`
  return { key, cert, ...(ca === undefined ? {} : { ca }), peerId, published }
}

async function makeCertificate(
  { dataDir, hostnames, peerId, now }: CertificateOptions,
  keyPath: string,
  certPath: string,
): Promise<void> {
  if (!peerId) throw fault('peerId is needed to make a certificate')
  // Loaded only here: a node that has its certificate starts without it.
  await import('reflect-metadata')
  const x509 = await import('@peculiar/x509')
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const names = [...new Set([...hostnames, 'localhost', '127.0.0.1'])]
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: randomUUID().replaceAll('-', '').replace(/^./, '4'),
    name: [{ O: [peerId] }, { CN: [names[0] ?? 'localhost'] }],
    notBefore: new Date(now - 24 * 3600_000),
    notAfter: new Date(now + YEARS * 365 * 24 * 3600_000),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(false),
      new x509.SubjectAlternativeNameExtension(
        names.map((value) => ({ type: isIP(value) ? 'ip' : 'dns', value })),
      ),
    ],
  })
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const key = KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' })
  // The certificate last: while it is missing, a broken first start is begun again.
  await writePrivate(keyPath, key.toString())
  await writePrivate(certPath, `${certificate.toString('pem')}\n`)
}

async function writePrivate(path: string, text: string): Promise<void> {
  const file = await open(`${path}.new`, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await chmod(`${path}.new`, 0o600)
  await rename(`${path}.new`, path)
}

async function readOptional(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

const fault = (faults: string): NodeError => new NodeError('CC20401', { faults: `mtls: ${faults}` })
