import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { NodeError } from '@concordat/protocol'
import type { Exchange, ExchangeDeps } from '../exchange.ts'
import { createBlobCalls } from './blob-calls.ts'
import { createCalls } from './calls.ts'
import { ensureCertificate } from './certificate.ts'
import { createPeerClient } from './client.ts'
import { defaults, type MtlsConfig } from './config.ts'
import { createPeerBook } from './peer-book.ts'
import { createRouter } from './router.ts'
import { startPeerServer } from './server.ts'

/** Broken transfers that nobody resumed for so long are dropped. */
const STALE_MS = 7 * 24 * 3600_000
const IDLE_MS = 60_000

export async function createMtlsExchange(
  config: MtlsConfig,
  deps: ExchangeDeps,
): Promise<Exchange> {
  const { world, log, blobs, handlers, dataDir } = deps
  const settings = { ...defaults, ...config }
  const { hostname, endpoint } = settings
  if (endpoint === undefined && (hostname === '0.0.0.0' || hostname === '::')) {
    throw new NodeError('CC20401', { faults: `mtls: listening on ${hostname} needs an endpoint` })
  }
  const hostnames = [endpoint === undefined ? hostname : hostOf(endpoint)]
  const certificate = await ensureCertificate({ ...config, hostnames, dataDir, now: world.now() })
  const { peerId } = certificate
  if (config.peerId !== undefined && config.peerId !== peerId) {
    log.warn(
      { configured: config.peerId, certificate: peerId },
      'The certificate carries another peer id; it counts',
    )
  }
  await blobs.sweep(STALE_MS)

  const book = createPeerBook(world.now)
  const client = createPeerClient(certificate, book, settings)
  const handle = createRouter({ peerId, handlers, blobs, limits: settings })
  const server = await startPeerServer(
    { ...settings, idleTimeoutMs: IDLE_MS },
    { certificate, book, log, handle },
  )
  const leaf = new X509Certificate(certificate.cert)
  const callDeps = { client, blobs, world, maxBlobBytes: settings.maxBlobBytes }
  const own =
    endpoint ?? `https://${isIP(hostname) === 6 ? `[${hostname}]` : hostname}:${server.port}`

  return {
    profile: (nodeName) => ({
      id: `${peerId}/${nodeName}`,
      endpoint: own,
      cert: certificate.published,
    }),
    addPeer: (profile) => book.add(profile),
    removeCertificate(id, cert) {
      book.removeCertificate(id, cert)
      client.forget(id)
    },
    peers: () => book.ids().filter((id) => !book.trusts(id, leaf)),
    ...createCalls(callDeps),
    ...createBlobCalls(callDeps),
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

const hostOf = (endpoint: string): string => new URL(endpoint).hostname.replace(/^\[|\]$/g, '')
