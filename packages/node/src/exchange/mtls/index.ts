import type { ExchangeAdapter } from '../exchange.ts'
import { configSchema, type MtlsConfig } from './config.ts'
import { createMtlsExchange } from './mtls-exchange.ts'

/** Mutual TLS between nodes, speaking FireFly's data-exchange peer protocol and ours beside it. */
export const mtls: ExchangeAdapter<MtlsConfig> = {
  type: 'mtls',
  configSchema,
  create: createMtlsExchange,
}
