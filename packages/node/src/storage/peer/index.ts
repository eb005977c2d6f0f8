import type { StorageAdapter } from '../storage.ts'
import { createPeerStorage } from './peer-storage.ts'

/** Members keep broadcasts themselves, and give them to each other by content hash. */
export const peer: StorageAdapter<Record<string, never>> = {
  type: 'peer',
  configSchema: { type: 'object', additionalProperties: false, properties: {} },
  create: async (_config, deps) => createPeerStorage(deps),
}
