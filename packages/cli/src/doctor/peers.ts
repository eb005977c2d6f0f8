import type { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import type { TLSSocket } from 'node:tls'
import type { KnownSoFar, NodeConfig } from '@concordat/node'
import { fingerprintOf } from '../certificate.ts'
import { type ExchangeSection, exchangeSection } from '../exchange-section.ts'
import { checkExpiry, matches } from './certificates.ts'
import { type Finding, fault, ok, reasonOf, warning } from './finding.ts'

const skewMs = 60_000
const limitMs = 5000

/** A node to reach, and what its certificate must be. */
interface Peer {
  readonly about: string
  readonly endpoint: string
  readonly accepts: (certificate: X509Certificate) => boolean
  /** What to say and do about another certificate. */
  readonly otherwise: readonly [says: string, mend: string]
}

/** Members that the configuration names, and all that are registered: whether they answer, with the right certificate and the same time. */
export async function checkPeers(
  config: NodeConfig,
  known: KnownSoFar | undefined,
): Promise<Finding[]> {
  const own = exchangeSection(config)
  const peers = [...seedsOf(own), ...membersOf(own, config, known)]
  if (peers.length === 0) return [ok('peers', 'none known yet: this is the first member')]
  return (await Promise.all(peers.map((peer) => checkPeer(own, peer)))).flat()
}

const seedsOf = ({ seeds }: ExchangeSection): Peer[] =>
  seeds.map(({ url, certSha256 }) => ({
    about: `seed ${new URL(url).host}`,
    endpoint: url,
    accepts: (certificate) => fingerprintOf(certificate.toString()) === certSha256.toLowerCase(),
    otherwise: [
      'shows another certificate than its invitation told',
      'ask that party for a new invitation, by a way you trust',
    ],
  }))

function membersOf(
  { certFile }: ExchangeSection,
  { namespaces }: NodeConfig,
  known: KnownSoFar | undefined,
): Peer[] {
  const own = namespaces.map(({ multiparty }) => `did:firefly:node/${multiparty?.node.name}`)
  const ownPrint = fingerprintOf(readFileSync(certFile, 'utf8'))
  const others = (known?.nodes ?? []).filter(({ did }) => !own.includes(did))
  const once = new Map(others.map((node) => [`${node.profile.id} ${node.profile.cert}`, node]))
  return [...once.values()].map(({ did, profile }) => ({
    about: `member ${did.replace(/^did:firefly:node\//, '')} at ${new URL(profile.endpoint).host}`,
    endpoint: profile.endpoint,
    accepts: (certificate) =>
      fingerprintOf(certificate.toString()) !== ownPrint && matches(certificate, profile.cert),
    otherwise: [
      'shows another certificate than the one it registered',
      'tell that party: it must register its new certificate, or put the old one back',
    ],
  }))
}

async function checkPeer(own: ExchangeSection, peer: Peer): Promise<Finding[]> {
  const { about, endpoint } = peer
  let answer: Answer
  try {
    answer = await ping(own, endpoint)
  } catch (error) {
    return [
      fault(
        about,
        `does not answer (${reasonOf(error)})`,
        'ask whether it runs, and whether firewalls let both ways through',
      ),
    ]
  }
  const { certificate, skew } = answer
  if (!peer.accepts(certificate)) return [fault(about, ...peer.otherwise)]
  const expiry = checkExpiry(about, certificate, 'tell that party')
  const findings =
    expiry.state === 'ok' ? [ok(about, `answers; its certificate is ${expiry.says}`)] : [expiry]
  if (skew <= skewMs) return findings
  const says = `${Math.round(skew / 1000)} s away from that of ${new URL(endpoint).host}`
  return [...findings, warning('clock', says, 'set the clocks (ntp)')]
}

interface Answer {
  readonly certificate: X509Certificate
  /** Milliseconds between its clock and ours. */
  readonly skew: number
}

/** Any answer will do; who may ask what is not looked at here. */
function ping({ certFile, keyFile }: ExchangeSection, url: string): Promise<Answer> {
  const cert = readFileSync(certFile, 'utf8')
  const key = readFileSync(keyFile, 'utf8')
  return new Promise((resolve, reject) => {
    // The certificate is held against what is known of the peer, not against authorities.
    const options = { method: 'HEAD', cert, key, rejectUnauthorized: false, agent: false } as const
    const call = request(`${url}/api/v1/ping`, { ...options, signal: AbortSignal.timeout(limitMs) })
    let certificate: X509Certificate | undefined
    call.once('socket', (socket: TLSSocket) => {
      socket.once('secureConnect', () => {
        certificate = socket.getPeerX509Certificate()
      })
    })
    call.once('error', reject)
    call.once('response', (response) => {
      response.resume()
      if (certificate === undefined) return reject(new Error('no certificate'))
      const date = Date.parse(response.headers.date ?? '')
      resolve({ certificate, skew: Number.isNaN(date) ? 0 : Math.abs(Date.now() - date) })
    })
    call.end()
  })
}
