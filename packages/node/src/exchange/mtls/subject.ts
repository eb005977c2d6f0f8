import { createHash, type X509Certificate } from 'node:crypto'

const known = new WeakMap<X509Certificate, { readonly peerId: string | undefined }>()

/** The peer id that a certificate's subject states: `O-OU`, `O` or `OU`; undefined when there is none, or several of a kind. */
export function peerIdOf(certificate: X509Certificate): string | undefined {
  const found = known.get(certificate) ?? { peerId: readPeerId(certificate) }
  known.set(certificate, found)
  return found.peerId
}

function readPeerId(certificate: X509Certificate): string | undefined {
  const { subject } = certificate.toLegacyObject()
  const organization = single(subject.O)
  const unit = single(subject.OU)
  if (organization === null || unit === null) return undefined
  return [organization, unit].filter((part) => part !== undefined).join('-') || undefined
}

/** SHA-256 of a certificate's DER, as seeds state it. */
export function fingerprintOf(certificate: X509Certificate): string {
  return createHash('sha256').update(certificate.raw).digest('hex')
}

/** null: the attribute is there but ambiguous. */
function single(value: unknown): string | undefined | null {
  if (value === undefined || value === '') return undefined
  return typeof value === 'string' ? value : null
}
