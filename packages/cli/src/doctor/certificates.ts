import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import type { KnownSoFar, NodeConfig } from '@concordat/node'
import { fingerprintOf } from '../certificate.ts'
import { exchangeSection } from '../exchange-section.ts'
import { type Finding, fault, ok, reasonOf, warning } from './finding.ts'

const dayMs = 24 * 3600_000
const soonDays = 30

/** This node's certificates: for other parties, and of its own servers. */
export function checkCertificates(config: NodeConfig, known: KnownSoFar | undefined): Finding[] {
  return [...checkOwn(config, known), ...checkServers(config)]
}

function checkOwn(config: NodeConfig, known: KnownSoFar | undefined): Finding[] {
  const { certFile, keyFile, endpoint } = exchangeSection(config)
  const certificate = new X509Certificate(readFileSync(certFile, 'utf8'))
  const about = 'certificate'
  if (!certificate.checkPrivateKey(createPrivateKey(readFileSync(keyFile, 'utf8'))))
    return [fault(about, `${keyFile} is not its key`, 'correct certFile and keyFile')]
  return [
    checkExpiry(about, certificate, 'make a new one, and update the node in the network'),
    ...checkName(about, certificate, new URL(endpoint)),
    ...checkRegistered(certificate, config, known),
  ]
}

export function checkExpiry(
  about: string,
  { validFromDate, validToDate }: X509Certificate,
  mend: string,
): Finding {
  const days = Math.floor((validToDate.getTime() - Date.now()) / dayMs)
  const on = (date: Date): string => date.toISOString().slice(0, 10)
  if (validFromDate.getTime() > Date.now())
    return fault(
      about,
      `is valid from ${on(validFromDate)} only`,
      'set the clock, or make a new one',
    )
  if (days < 0) return fault(about, `expired on ${on(validToDate)}`, mend)
  if (days < soonDays) return warning(about, `expires on ${on(validToDate)}`, mend)
  return ok(about, `valid until ${on(validToDate)}`)
}

/** Members go by the registered certificate; an authority's clients and other programs look at the name as well. */
function checkName(about: string, certificate: X509Certificate, { hostname }: URL): Finding[] {
  const host = hostname.replace(/^\[|\]$/g, '')
  const fits = isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host)
  if (fits !== undefined) return []
  return [
    warning(
      about,
      `is not for ${host}, by which others reach this node`,
      'make one with that name, or correct endpoint',
    ),
  ]
}

function checkRegistered(
  certificate: X509Certificate,
  { namespaces }: NodeConfig,
  known: KnownSoFar | undefined,
): Finding[] {
  return namespaces.flatMap(({ name, multiparty }) => {
    const did = `did:firefly:node/${multiparty?.node.name}`
    const node = known?.nodes.find((each) => each.namespace === name && each.did === did)
    if (!node) return []
    const about = `certificate in ${name}`
    return matches(certificate, node.profile.cert)
      ? [ok(about, `the one registered for ${did}`)]
      : [
          fault(
            about,
            `is not the one registered for ${did}: other members refuse it`,
            'put the registered one back, or update the node’s identity with the new one',
          ),
        ]
  })
}

/** Whether a certificate is one of those registered, or was issued by one of them. */
export function matches(certificate: X509Certificate, registered: string): boolean {
  const blocks = registered.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g)
  return (blocks ?? []).some((pem) => {
    const one = new X509Certificate(pem)
    if (fingerprintOf(pem) === fingerprintOf(certificate.toString())) return true
    return one.ca && certificate.checkIssued(one) && certificate.verify(one.publicKey)
  })
}

function checkServers({ http, spi, monitoring }: NodeConfig): Finding[] {
  const servers = [
    ['the API', { ...http, enabled: true }],
    ['the SPI', spi],
    ['monitoring', monitoring],
  ] as const
  return servers.flatMap(([name, { enabled, tls }]) => {
    if (!enabled || !tls.enabled) return []
    const about = `certificate of ${name}`
    try {
      const certificate = new X509Certificate(readFileSync(tls.certFile, 'utf8'))
      const key = createPrivateKey(readFileSync(tls.keyFile, 'utf8'))
      if (!certificate.checkPrivateKey(key))
        return [fault(about, `${tls.keyFile} is not its key`, 'correct certFile and keyFile')]
      return [checkExpiry(about, certificate, 'make a new one')]
    } catch (error) {
      return [fault(about, reasonOf(error), 'correct certFile and keyFile')]
    }
  })
}
