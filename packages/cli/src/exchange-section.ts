import { join } from 'node:path'
import type { NodeConfig } from '@concordat/node'
import Type from 'typebox'
import Value from 'typebox/value'
import { Failure } from './failure.ts'
import type { Seed } from './party-config.ts'

const Mtls = Type.Object({
  hostname: Type.Optional(Type.String()),
  port: Type.Integer(),
  endpoint: Type.Optional(Type.String()),
  certFile: Type.Optional(Type.String()),
  keyFile: Type.Optional(Type.String()),
  seeds: Type.Optional(Type.Array(Type.Object({ url: Type.String(), certSha256: Type.String() }))),
})

export interface ExchangeSection {
  readonly endpoint: string
  readonly certFile: string
  readonly keyFile: string
  readonly seeds: readonly Seed[]
}

/** How other parties reach this node, and it them. */
export function exchangeSection(config: NodeConfig): ExchangeSection {
  const section = config.plugins.dataexchange.find(({ type }) => type === 'mtls')?.config
  if (!Value.Check(Mtls, section))
    throw new Failure('the configuration names no exchange of type mtls')
  const { hostname = '127.0.0.1', port, endpoint, certFile, keyFile, seeds = [] } = section
  return {
    endpoint: endpoint ?? `https://${hostname}:${port}`,
    certFile: certFile ?? join(config.dataDir, 'cert.pem'),
    keyFile: keyFile ?? join(config.dataDir, 'key.pem'),
    seeds,
  }
}
