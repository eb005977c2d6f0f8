import { createHash, X509Certificate } from 'node:crypto'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger } from '../lib/logger.ts'
import { createSystemWorld } from '../lib/world.ts'
import { exchangeConformance } from './exchange.conformance.ts'
import { createMemoryHub } from './memory/hub.ts'
import { createMemoryExchange, seedOf } from './memory/memory-exchange.ts'
import { mtls } from './mtls/index.ts'

exchangeConformance('mtls', async (peerId, blobs, handlers) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'exchange-'))
  const deps = { world: createSystemWorld(), log: silentLogger, blobs, handlers, dataDir }
  const exchange = await mtls.create({ port: 0, peerId }, deps)
  const { endpoint, cert } = exchange.profile('node')
  const certSha256 = createHash('sha256').update(new X509Certificate(cert).raw).digest('hex')
  return { exchange, seed: () => ({ url: endpoint, certSha256 }) }
})

const hub = createMemoryHub({ world: createSystemWorld() })
exchangeConformance('memory', async (peerId, blobs, handlers) => {
  const exchange = createMemoryExchange(hub, { peerId }, { blobs, handlers })
  return { exchange, seed: () => seedOf(exchange.profile('node')) }
})
