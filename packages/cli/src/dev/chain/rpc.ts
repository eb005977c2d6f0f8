import type { LoggedBlock } from './block-log.ts'

/** Calls a JSON-RPC endpoint, several methods at once. Rejects on the first error. */
export async function callAll(
  url: string,
  calls: readonly (readonly [method: string, params: readonly unknown[]])[],
): Promise<unknown[]> {
  if (calls.length === 0) return []
  const body = calls.map(([method, params], id) => ({ jsonrpc: '2.0', id, method, params }))
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const replies: unknown = await response.json()
  if (!Array.isArray(replies)) throw new Error('the chain gave no list of answers')
  const results = new Map<unknown, unknown>()
  for (const reply of replies) results.set(field(reply, 'id'), reply)
  return calls.map(([method], id) => {
    const reply = results.get(id)
    if (typeof reply === 'object' && reply !== null && 'result' in reply) return reply.result
    throw new Error(`${method}: ${String(field(field(reply, 'error'), 'message') ?? 'no answer')}`)
  })
}

export async function callOne(
  url: string,
  method: string,
  params: readonly unknown[] = [],
): Promise<unknown> {
  const [result] = await callAll(url, [[method, params]])
  return result
}

export const toHex = (value: number): string => `0x${value.toString(16)}`

export async function headOf(url: string): Promise<number> {
  return Number(await callOne(url, 'eth_blockNumber'))
}

/** One block with its signed transactions; undefined if there is none of that number. */
export async function readBlock(url: string, number: number): Promise<LoggedBlock | undefined> {
  const block = await callOne(url, 'eth_getBlockByNumber', [toHex(number), false])
  if (block === null) return undefined
  const hashes = field(block, 'transactions')
  const ids = Array.isArray(hashes) ? hashes : []
  const raws = await callAll(
    url,
    ids.map((hash) => ['eth_getRawTransactionByHash', [hash]] as const),
  )
  return {
    number,
    timestamp: Number(field(block, 'timestamp')),
    hash: String(field(block, 'hash')),
    transactions: raws.map(String),
  }
}

export const field = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).find(([name]) => name === key)?.[1]
    : undefined
