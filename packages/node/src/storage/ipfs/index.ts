import { type Static, Type } from 'typebox'
import type { StorageAdapter } from '../storage.ts'
import { createIpfsStorage } from './ipfs-storage.ts'

const endpoint = Type.Object(
  {
    url: Type.String({ pattern: '^https?://', description: 'Address of the server' }),
    auth: Type.Optional(
      Type.Object(
        { username: Type.String(), password: Type.String() },
        { additionalProperties: false, description: 'HTTP Basic credentials' },
      ),
    ),
  },
  { additionalProperties: false },
)

const configSchema = Type.Object(
  {
    api: endpoint,
    gateway: endpoint,
    requestTimeoutMs: Type.Optional(
      Type.Integer({
        minimum: 100,
        default: 30_000,
        description: 'How long the server may stay silent',
      }),
    ),
    maxBlobBytes: Type.Optional(
      Type.Integer({ minimum: 1024, default: 8_589_934_592, description: 'Largest blob fetched' }),
    ),
  },
  { additionalProperties: false },
)

export type IpfsConfig = Static<typeof configSchema>

/** A Kubo node of the party's own: `api` to add, `gateway` to read. */
export const ipfs: StorageAdapter<IpfsConfig> = {
  type: 'ipfs',
  configSchema,
  create: async (config, deps) => createIpfsStorage(config, deps),
}
