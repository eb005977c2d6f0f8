import { createHash, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp } from 'node:fs/promises'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger } from '../../lib/logger.ts'
import { createSystemWorld } from '../../lib/world.ts'
import { createTestParty, type TestParty } from '../exchange.testing.ts'
import type { MtlsConfig } from './config.ts'
import { mtls } from './index.ts'

export interface MtlsParty extends TestParty, AsyncDisposable {
  readonly dataDir: string
  readonly endpoint: string
  readonly port: number
}

/** A party on a free port of this machine, with a key of its own. */
export async function startParty(
  peerId: string,
  config: Partial<MtlsConfig> = {},
  folder?: string,
): Promise<MtlsParty> {
  const dataDir = folder ?? (await mkdtemp(join(tmpdir(), 'exchange-')))
  const party = await createTestParty(peerId, async (_id, blobs, handlers) => {
    const deps = { world: createSystemWorld(), log: silentLogger, blobs, handlers, dataDir }
    const exchange = await mtls.create({ port: 0, ...(peerId ? { peerId } : {}), ...config }, deps)
    const { endpoint, cert } = exchange.profile('node')
    const certSha256 = createHash('sha256').update(new X509Certificate(cert).raw).digest('hex')
    return { exchange, seed: () => ({ url: endpoint, certSha256 }) }
  })
  const { endpoint } = party.exchange.profile('node')
  return Object.assign(party, {
    dataDir,
    endpoint,
    port: Number(new URL(endpoint).port),
    [Symbol.asyncDispose]: () => party.exchange[Symbol.asyncDispose](),
  })
}

export interface CuttingProxy extends AsyncDisposable {
  readonly endpoint: string
  /** Cuts each connection after it carried so many bytes to the target, from now on. */
  cutAfter(bytes: number): void
  /** Bytes carried to the target since the last `cutAfter`. */
  carried(): number
}

/** A wire to a party that breaks when told to. */
export async function startCuttingProxy(port: number): Promise<CuttingProxy> {
  let limit = Number.POSITIVE_INFINITY
  let carried = 0
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1')
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        near.destroy()
        far.destroy()
      })
    }
    near.on('data', (chunk: Buffer) => {
      carried += chunk.length
      if (carried > limit) near.destroy()
      else if (!far.write(chunk)) {
        near.pause()
        far.once('drain', () => near.resume())
      }
    })
    far.pipe(near)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    endpoint: `https://127.0.0.1:${portOf(server.address())}`,
    cutAfter(bytes) {
      limit = bytes
      carried = 0
    },
    carried: () => carried,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export function portOf(address: string | AddressInfo | null): number {
  if (address === null || typeof address === 'string')
    throw new Error('It does not listen on a port')
  return address.port
}
