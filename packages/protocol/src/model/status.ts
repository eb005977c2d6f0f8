import Type, { type Static } from 'typebox'
import { VerifierRef } from './identity.ts'
import { JsonObject, Time, Uuid } from './scalars.ts'

export const NamespaceSummary = Type.Object({
  name: Type.String(),
  networkName: Type.String(),
  description: Type.String(),
  created: Type.Optional(Time),
  initializing: Type.Optional(Type.Boolean()),
  initializationError: Type.Optional(Type.String()),
})
export type NamespaceSummary = Static<typeof NamespaceSummary>

const plugins = Type.Array(
  Type.Object({ name: Type.Optional(Type.String()), pluginType: Type.String() }),
)

export const NetworkContract = Type.Object({
  index: Type.Integer(),
  location: Type.Optional(JsonObject),
  firstEvent: Type.Optional(Type.String()),
  info: Type.Object({
    subscription: Type.Optional(Type.String()),
    finalEvent: Type.Optional(Type.String()),
    version: Type.Optional(Type.Integer()),
  }),
  status: Type.Optional(Type.String()),
})
export type NetworkContract = Static<typeof NetworkContract>

export const NetworkContracts = Type.Object({
  active: NetworkContract,
  terminated: Type.Optional(Type.Array(NetworkContract)),
})
export type NetworkContracts = Static<typeof NetworkContracts>

export const NamespaceStatus = Type.Object({
  namespace: NamespaceSummary,
  node: Type.Optional(
    Type.Object({
      name: Type.String(),
      registered: Type.Boolean(),
      id: Type.Optional(Uuid),
    }),
  ),
  org: Type.Optional(
    Type.Object({
      name: Type.String(),
      registered: Type.Boolean(),
      did: Type.Optional(Type.String()),
      id: Type.Optional(Uuid),
      verifiers: Type.Optional(Type.Array(VerifierRef)),
    }),
  ),
  plugins: Type.Object({
    blockchain: plugins,
    database: plugins,
    dataExchange: plugins,
    events: plugins,
    identity: plugins,
    sharedStorage: plugins,
    tokens: plugins,
  }),
  multiparty: Type.Object({
    enabled: Type.Boolean(),
    contract: Type.Optional(NetworkContracts),
  }),
})
export type NamespaceStatus = Static<typeof NamespaceStatus>

export const BatchProcessorStatus = Type.Object({
  lastFlushStartTime: Type.Union([Time, Type.Null()]),
  flushing: Type.Optional(Uuid),
  cancelled: Type.Boolean(),
  blocked: Type.Boolean(),
  lastFlushError: Type.Optional(Type.String()),
  lastFlushErrorTime: Type.Optional(Time),
  averageBatchBytes: Type.Integer(),
  averageBatchMessages: Type.Number(),
  averageBatchData: Type.Number(),
  averageFlushTimeMS: Type.Integer(),
  totalBatches: Type.Integer(),
  totalErrors: Type.Integer(),
})
export type BatchProcessorStatus = Static<typeof BatchProcessorStatus>

export const BatchManagerStatus = Type.Object({
  processors: Type.Array(
    Type.Object({
      dispatcher: Type.String(),
      name: Type.String(),
      status: BatchProcessorStatus,
    }),
  ),
})
export type BatchManagerStatus = Static<typeof BatchManagerStatus>

/** `unregistered`, `registering`, `registered` or `unknown`. */
const registration = Type.Object({
  status: Type.String(),
  pendingRegistrationMessageId: Type.Optional(Uuid),
})

export const MultipartyStatus = Type.Object({
  enabled: Type.Boolean(),
  org: registration,
  node: registration,
  contracts: Type.Optional(NetworkContracts),
})
export type MultipartyStatus = Static<typeof MultipartyStatus>
