import { type Static, Type } from 'typebox'

const seed = Type.Object(
  {
    url: Type.String({
      pattern: '^https://',
      description: 'Endpoint of a member, from an invitation',
    }),
    certSha256: Type.String({
      pattern: '^[0-9a-fA-F]{64}$',
      description: "SHA-256 of the DER of that member's certificate",
    }),
  },
  { additionalProperties: false },
)

export const configSchema = Type.Object(
  {
    hostname: Type.Optional(
      Type.String({ default: '127.0.0.1', description: 'Address to listen on' }),
    ),
    port: Type.Integer({
      minimum: 0,
      maximum: 65535,
      description: 'Port to listen on; 0 for any free one',
    }),
    endpoint: Type.Optional(
      Type.String({
        pattern: '^https://',
        description:
          'Address that other parties reach this node by; default https://<hostname>:<port>',
      }),
    ),
    certFile: Type.Optional(
      Type.String({ description: 'Certificate (PEM); default: one made on the first start' }),
    ),
    keyFile: Type.Optional(Type.String({ description: 'Key of the certificate (PEM)' })),
    caFile: Type.Optional(
      Type.String({
        description: 'Authority that issued the certificate (PEM); published with it',
      }),
    ),
    peerId: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 64,
        pattern: '^[^/]+$',
        description: 'Organisation (O) in the subject of a certificate made on the first start',
      }),
    ),
    seeds: Type.Optional(
      Type.Array(seed, {
        maxItems: 64,
        description: 'Members to talk to before anyone is registered',
      }),
    ),
    requestTimeoutMs: Type.Optional(
      Type.Integer({
        minimum: 100,
        default: 30_000,
        description: 'How long a peer may stay silent',
      }),
    ),
    connectTimeoutMs: Type.Optional(
      Type.Integer({
        minimum: 100,
        default: 5_000,
        description: 'How long connecting to a peer may take',
      }),
    ),
    connectionsPerPeer: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 64,
        default: 4,
        description: 'Connections made to one peer',
      }),
    ),
    maxConnections: Type.Optional(
      Type.Integer({ minimum: 1, default: 512, description: 'Connections accepted' }),
    ),
    maxMessageBytes: Type.Optional(
      Type.Integer({
        minimum: 1024,
        default: 2_097_152,
        description: 'Largest private batch accepted',
      }),
    ),
    maxPayloadBytes: Type.Optional(
      Type.Integer({
        minimum: 1024,
        default: 2_097_152,
        description: 'Largest broadcast payload accepted',
      }),
    ),
    maxBlobBytes: Type.Optional(
      Type.Integer({ minimum: 1024, default: 8_589_934_592, description: 'Largest blob accepted' }),
    ),
  },
  { additionalProperties: false },
)

export type MtlsConfig = Static<typeof configSchema>

export const defaults = {
  hostname: '127.0.0.1',
  requestTimeoutMs: 30_000,
  connectTimeoutMs: 5_000,
  connectionsPerPeer: 4,
  maxConnections: 512,
  maxMessageBytes: 2_097_152,
  maxPayloadBytes: 2_097_152,
  maxBlobBytes: 8_589_934_592,
} as const
