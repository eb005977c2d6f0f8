import type { ExchangeAdapter } from '../exchange.ts'
import type { MemoryHub } from './hub.ts'
import { createMemoryExchange } from './memory-exchange.ts'

export interface MemoryExchangeConfig {
  readonly peerId: string
}

/** Between nodes in one process, through a hub they share: for simulation and tests. */
export function createMemoryAdapter(hub: MemoryHub): ExchangeAdapter<MemoryExchangeConfig> {
  return {
    type: 'memory',
    configSchema: {
      type: 'object',
      additionalProperties: false,
      required: ['peerId'],
      properties: { peerId: { type: 'string', minLength: 1 } },
    },
    create: async ({ peerId }, deps) => createMemoryExchange(hub, { peerId }, deps),
  }
}
