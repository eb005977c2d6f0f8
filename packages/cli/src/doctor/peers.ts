import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import type { TLSSocket } from 'node:tls'
import type { NodeConfig } from '@concordat/node'
import { fingerprintOf } from '../certificate.ts'
import { type ExchangeSection, exchangeSection } from '../exchange-section.ts'
import type { Seed } from '../party-config.ts'
import { type Finding, fault, ok, warning } from './finding.ts'

const dayMs = 24 * 3600_000
const soonDays = 30
const skewMs = 60_000
const limitMs = 5000

/** This node's certificate. */
export async function checkCertificate(config: NodeConfig): Promise<Finding[]> {
  const { certFile } = exchangeSection(config)
  const certificate = new X509Certificate(readFileSync(certFile, 'utf8'))
  return [
    expiry(
      'certificate',
      certificate.validToDate,
      'make a new one, and update the node in the network',
    ),
  ]
}

function expiry(about: string, end: Date, mend: string): Finding {
  const days = Math.floor((end.getTime() - Date.now()) / dayMs)
  const on = end.toISOString().slice(0, 10)
  if (days < 0) return fault(about, `expired on ${on}`, mend)
  if (days < soonDays) return warning(about, `expires on ${on}`, mend)
  return ok(about, `valid until ${on}`)
}

/** Members that the configuration names: whether they answer, with the certificate that was told, and the same time. */
export async function checkPeers(config: NodeConfig): Promise<Finding[]> {
  const own = exchangeSection(config)
  if (own.seeds.length === 0)
    return [ok('peers', 'no seeds: this is the first member, or all are known')]
  const findings = await Promise.all(own.seeds.map((seed) => checkPeer(own, seed)))
  return findings.flat()
}

async function checkPeer(own: ExchangeSection, { url, certSha256 }: Seed): Promise<Finding[]> {
  const about = `peer ${new URL(url).host}`
  let answer: Answer
  try {
    answer = await ping(own, url)
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'no answer'
    return [
      fault(
        about,
        `does not answer (${reason})`,
        'ask whether it runs, and whether firewalls let both ways through',
      ),
    ]
  }
  if (answer.fingerprint !== certSha256.toLowerCase()) {
    return [
      fault(
        about,
        'shows another certificate than its invitation told',
        'ask that party for a new invitation, by a way you trust',
      ),
    ]
  }
  const findings = [expiry(about, answer.validTo, 'tell that party')]
  if (answer.skewMs > skewMs) {
    findings.push(
      warning(
        'clock',
        `${Math.round(answer.skewMs / 1000)} s away from that of ${new URL(url).host}`,
        'set the clocks (ntp)',
      ),
    )
  }
  return findings
}

interface Answer {
  readonly fingerprint: string
  readonly validTo: Date
  readonly skewMs: number
}

/** Any answer will do; who may ask what is not looked at here. */
function ping({ certFile, keyFile }: ExchangeSection, url: string): Promise<Answer> {
  const cert = readFileSync(certFile, 'utf8')
  const key = readFileSync(keyFile, 'utf8')
  return new Promise((resolve, reject) => {
    // The certificate is held against the invitation, not against authorities.
    const options = { method: 'HEAD', cert, key, rejectUnauthorized: false, agent: false } as const
    const call = request(`${url}/api/v1/ping`, { ...options, signal: AbortSignal.timeout(limitMs) })
    let peer: X509Certificate | undefined
    call.once('socket', (socket: TLSSocket) => {
      socket.once('secureConnect', () => {
        peer = socket.getPeerX509Certificate()
      })
    })
    call.once('error', reject)
    call.once('response', (response) => {
      response.resume()
      if (peer === undefined) return reject(new Error('no certificate'))
      const date = Date.parse(response.headers.date ?? '')
      const skew = Number.isNaN(date) ? 0 : Math.abs(Date.now() - date)
      resolve({
        fingerprint: fingerprintOf(peer.toString()),
        validTo: peer.validToDate,
        skewMs: skew,
      })
    })
    call.end()
  })
}
