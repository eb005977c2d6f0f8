import { X509Certificate } from 'node:crypto'
import { NodeError } from '@concordat/protocol'
import type { PeerIdentity, PeerProfile } from '../exchange.ts'
import { peerIdOf } from './subject.ts'

export interface Peer {
  readonly id: string
  /** `https://host:port[/path]`, without a slash at the end. */
  readonly endpoint: string
}

interface Entry extends Peer {
  /** One list per profile added, the newest last. */
  readonly profiles: readonly {
    readonly pem: string
    readonly certificates: readonly X509Certificate[]
  }[]
}

/**
 * The certificates that parties registered, by node (`peerId/nodeName`). A certificate speaks for exactly the nodes it was
 * registered for: that its subject names an organisation proves nothing.
 */
export interface PeerBook {
  add(profile: PeerProfile): void
  removeCertificate(id: string, pem: string): void
  find(id: string): Peer | undefined
  ids(): readonly string[]
  identify(certificate: X509Certificate): PeerIdentity
  /** Whether `certificate` is one registered for this node. */
  trusts(id: string, certificate: X509Certificate): boolean
}

export function createPeerBook(now: () => number): PeerBook {
  const entries = new Map<string, Entry>()

  const trustsAs = (
    subject: string | undefined,
    id: string,
    certificate: X509Certificate,
  ): boolean =>
    subject === peerIdIn(id) &&
    (entries.get(id)?.profiles ?? []).some(({ certificates }) =>
      certificates.some(
        (known) => known.raw.equals(certificate.raw) || isIssuedBy(certificate, known, now()),
      ),
    )

  return {
    add({ id, endpoint, cert }) {
      const certificates = parseCertificates(id, cert)
      const before = (entries.get(id)?.profiles ?? []).filter(({ pem }) => pem !== cert)
      const profiles = [...before, { pem: cert, certificates }]
      entries.set(id, { id, endpoint: checkEndpoint(id, endpoint), profiles })
    },
    removeCertificate(id, pem) {
      const entry = entries.get(id)
      if (!entry || entry.profiles.at(-1)?.pem === pem) return
      entries.set(id, { ...entry, profiles: entry.profiles.filter((known) => known.pem !== pem) })
    },
    find: (id) => entries.get(id),
    ids: () => [...entries.keys()],
    identify(certificate) {
      // Reading a subject costs more than all the comparisons.
      const subject = peerIdOf(certificate)
      const nodes = [...entries.keys()].filter((id) => trustsAs(subject, id, certificate))
      return { id: subject ?? '', registered: nodes.length > 0, nodes }
    },
    trusts: (id, certificate) => trustsAs(peerIdOf(certificate), id, certificate),
  }
}

/** The part of `peerId/nodeName` before the last slash. */
export function peerIdIn(id: string): string {
  const slash = id.lastIndexOf('/')
  return slash < 0 ? id : id.slice(0, slash)
}

/** The part of `peerId/nodeName` after the last slash, '' when there is none. */
export function destinationIn(id: string): string {
  const slash = id.lastIndexOf('/')
  return slash < 0 ? '' : id.slice(slash + 1)
}

/** Dates count only for what an authority issued: a certificate registered as such is trusted until it is replaced. */
function isIssuedBy(
  certificate: X509Certificate,
  authority: X509Certificate,
  now: number,
): boolean {
  return (
    authority.ca &&
    certificate.checkIssued(authority) &&
    certificate.verify(authority.publicKey) &&
    Date.parse(certificate.validFrom) <= now &&
    now <= Date.parse(certificate.validTo)
  )
}

function parseCertificates(id: string, pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? []
  try {
    const certificates = blocks.slice(0, 8).map((block) => new X509Certificate(block))
    if (certificates.some((certificate) => peerIdOf(certificate) === peerIdIn(id)))
      return certificates
  } catch (cause) {
    throw refuse(id, 'its certificate is not readable', cause)
  }
  throw refuse(id, 'no certificate of its profile carries its id')
}

function checkEndpoint(id: string, endpoint: string): string {
  const url = URL.parse(endpoint)
  if (url?.protocol !== 'https:' || url.username || url.password || url.search || url.hash) {
    throw refuse(id, 'its endpoint is not an https address')
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '')
}

const refuse = (peer: string, reason: string, cause?: unknown): NodeError =>
  new NodeError('CC20202', { peer, reason }, { cause })
