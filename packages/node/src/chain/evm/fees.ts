import { hexToBigInt } from 'viem'
import type { World } from '../../lib/world.ts'
import type { Heads } from './heads.ts'
import type { Rpc } from './rpc.ts'

/** What a transaction offers for its gas, in wei. */
export type Fee =
  | { readonly type: 'legacy'; readonly gasPrice: bigint }
  | {
      readonly type: 'eip1559'
      readonly maxFeePerGas: bigint
      readonly maxPriorityFeePerGas: bigint
    }

export type GasPrice = 'node' | number | string

/** How long the node's word on prices is taken for granted. */
const freshMs = 10_000

/** Says what to offer now: a fixed price, or the node's, with a fee market if the chain has one. */
export function createFees(
  price: GasPrice,
  { rpc, heads, world }: { rpc: Rpc; heads: Heads; world: Pick<World, 'now'> },
): () => Promise<Fee> {
  if (price !== 'node') {
    const fixed: Fee = { type: 'legacy', gasPrice: BigInt(price) }
    return async () => fixed
  }
  let asked: { readonly at: number; readonly value: bigint } | undefined
  const ask = async (method: 'eth_maxPriorityFeePerGas' | 'eth_gasPrice'): Promise<bigint> => {
    if (asked && world.now() - asked.at < freshMs) return asked.value
    const value = hexToBigInt(await rpc.request({ method }))
    asked = { at: world.now(), value }
    return value
  }
  return async () => {
    const { baseFee } = await heads.latest()
    if (baseFee === undefined) return { type: 'legacy', gasPrice: await ask('eth_gasPrice') }
    const tip = await ask('eth_maxPriorityFeePerGas')
    return { type: 'eip1559', maxFeePerGas: baseFee * 2n + tip, maxPriorityFeePerGas: tip }
  }
}

/** Nodes accept a replacement that offers an eighth more; one wei is added against rounding. */
const eighthMore = (wei: bigint): bigint => wei + wei / 8n + 1n
const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b)

/** An offer that replaces `old`, and is no worse than `now`. */
export function bumpFee(old: Fee, now: Fee): Fee {
  if (old.type === 'legacy') {
    const current = now.type === 'legacy' ? now.gasPrice : now.maxFeePerGas
    return { type: 'legacy', gasPrice: larger(eighthMore(old.gasPrice), current) }
  }
  const current = now.type === 'eip1559' ? now : undefined
  return {
    type: 'eip1559',
    maxFeePerGas: larger(eighthMore(old.maxFeePerGas), current?.maxFeePerGas ?? 0n),
    maxPriorityFeePerGas: larger(
      eighthMore(old.maxPriorityFeePerGas),
      current?.maxPriorityFeePerGas ?? 0n,
    ),
  }
}
