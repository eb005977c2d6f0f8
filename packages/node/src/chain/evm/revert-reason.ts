import { BaseError, decodeErrorResult, type Hex, isHex } from 'viem'
import { concordatAbi } from './contract.generated.ts'
import { explain, type Rpc } from './rpc.ts'
import { toSignable } from './transaction.ts'

/** Why a transaction was reverted, found by making its call again at its block. */
export async function findRevertReason(
  rpc: Rpc,
  { raw, from, block }: { raw: Hex; from: Hex; block: Hex },
): Promise<string> {
  const { to, data, gas } = toSignable(raw).call
  const call = { from, data, gas: `0x${gas.toString(16)}` as const, ...(to && { to }) }
  try {
    await rpc.request({ method: 'eth_call', params: [call, block] })
    return 'reverted (the same call succeeds now)'
  } catch (error) {
    return decodeRevert(error) ?? explain(error)
  }
}

function decodeRevert(error: unknown): string | undefined {
  if (!(error instanceof BaseError)) return undefined
  let data: unknown
  error.walk((cause) => {
    if (typeof cause === 'object' && cause !== null && 'data' in cause) data = cause.data
    return false
  })
  const bytes = typeof data === 'object' && data !== null && 'data' in data ? data.data : data
  if (!isHex(bytes) || bytes === '0x') return undefined
  try {
    const { errorName, args } = decodeErrorResult({ abi: concordatAbi, data: bytes })
    return `${errorName}(${(args ?? []).map((value) => String(value).toLowerCase()).join(', ')})`
  } catch {
    return undefined
  }
}
