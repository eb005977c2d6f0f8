import { NodeError } from '@concordat/protocol'
import {
  BaseError,
  createPublicClient,
  http,
  type PublicClient,
  RpcRequestError,
  webSocket,
} from 'viem'

type Request = PublicClient['request']

/** The chain node. `batched` joins what is asked in the same turn into one HTTP request. */
export interface Rpc {
  readonly request: Request
  readonly batched: Request
}

export function createRpc(url: string, timeout: number): Rpc {
  if (/^ws/.test(url)) {
    const { request } = createPublicClient({
      transport: webSocket(url, { retryCount: 0, timeout, keepAlive: true }),
    })
    return { request, batched: request }
  }
  const connect = (batch: boolean | { batchSize: number; wait: number }): Request =>
    createPublicClient({ transport: http(url, { retryCount: 0, timeout, batch }) }).request
  return { request: connect(false), batched: connect({ batchSize: 100, wait: 0 }) }
}

/** The node's own words, or what went wrong on the way; never the URL, which may hold a password. */
export function explain(error: unknown): string {
  if (error instanceof NodeError) return error.message
  if (error instanceof BaseError) {
    const root = error.walk((cause) => cause instanceof RpcRequestError)
    if (root instanceof RpcRequestError) return root.details
    return error.details || error.shortMessage
  }
  return error instanceof Error ? error.name : 'unknown'
}

/** What the node answered, if it was the node that refused; undefined if the request got no answer. */
export function refusal(error: unknown): { code: number; message: string } | undefined {
  if (!(error instanceof BaseError)) return undefined
  const found = error.walk((cause) => cause instanceof RpcRequestError)
  return found instanceof RpcRequestError ? { code: found.code, message: found.details } : undefined
}

export type SendFault = 'known' | 'nonceTooLow' | 'underpriced' | 'retry' | 'refused'

const faults: readonly (readonly [RegExp, SendFault])[] = [
  [/already (known|imported|exists)|known transaction/i, 'known'],
  [/nonce (is )?too low|old ?nonce|nonce has already been used/i, 'nonceTooLow'],
  [
    /underpriced|fee too low|feetoolow|less than block base fee|gas price (is )?too low/i,
    'underpriced',
  ],
  [/insufficient funds|out of gas money|upfront cost/i, 'retry'],
  [/nonce too high|future|gap|pool|limit exceeded|too many|rate|busy|timeout|syncing/i, 'retry'],
]

/** What to do about a transaction that could not be handed over. */
export function classifySend(error: unknown): SendFault {
  const answer = refusal(error)
  if (!answer) return 'retry'
  const known = faults.find(([pattern]) => pattern.test(answer.message))
  if (known) return known[1]
  return answer.code === -32603 || answer.code === -32005 ? 'retry' : 'refused'
}

/** A failure to reach the chain, as callers outside this room see it. */
export const unreachable = (cause: unknown): NodeError =>
  cause instanceof NodeError
    ? cause
    : new NodeError('CC20102', { reason: explain(cause) }, { cause })
