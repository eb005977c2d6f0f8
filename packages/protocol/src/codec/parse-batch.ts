import { NodeError } from '../errors/node-error.ts'
import type { BatchPayload, TransportWrapper } from '../model/batch.ts'

export interface ParseLimits {
  readonly maxBytes: number
  readonly maxDepth?: number
}
export function parseBatchPayload(_bytes: Uint8Array, _limits: ParseLimits): BatchPayload {
  throw new NodeError('CC20701', { reason: 'not built' })
}
export function parseTransportWrapper(_bytes: Uint8Array, _limits: ParseLimits): TransportWrapper {
  throw new NodeError('CC20701', { reason: 'not built' })
}
