import { NodeError } from '@concordat/protocol'
import type { Chain } from '../chain/chain.ts'
import type { NetworkCommands } from '../namespace.ts'

type Resolve = NetworkCommands['resolveVerifier']

/** A key as the chain writes it. */
export function resolveVerifier(
  chain: Pick<Chain, 'normaliseKey' | 'verifierType'>,
  { type, value }: Parameters<Resolve>[0],
): ReturnType<Resolve> {
  const { verifierType } = chain
  if (type !== undefined && type !== verifierType)
    throw new NodeError('CC20002', { reason: `verifiers here are of type ${verifierType}` })
  return { type: verifierType, value: chain.normaliseKey(value) }
}
