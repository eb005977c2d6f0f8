import { X509Certificate } from 'node:crypto'
import { ensureCertificate } from '@concordat/node'

/** A party's certificate for other parties' nodes. */
export interface PartyCertificate {
  /** SHA-256 of its DER: 64 hex digits. */
  readonly certSha256: string
}

/** Makes a certificate (`cert.pem`, `key.pem`) in a folder, unless it is there. */
export async function makeCertificate(
  dir: string,
  org: string,
  hostnames: readonly string[],
): Promise<PartyCertificate> {
  const { cert } = await ensureCertificate({
    dataDir: dir,
    hostnames,
    peerId: org,
    now: Date.now(),
  })
  return { certSha256: fingerprintOf(cert) }
}

/** SHA-256 of a certificate's DER, as invitations carry it. */
export const fingerprintOf = (pem: string): string =>
  new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase()
