import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tables } from '../../../node/src/store/migrations/0001-tables.ts'
import { call } from '../../src/anvil.ts'
import type { Network } from '../../src/network.ts'
import type { Party } from '../../src/party.ts'

/** All that anyone can read on the chain: every transaction and every log. */
export async function everythingOnChain({ anvil }: Network): Promise<string> {
  const newest = Number(await call(anvil.url, 'eth_blockNumber', []))
  const found: unknown[] = []
  for (let block = 0; block <= newest; block++)
    found.push(await call(anvil.url, 'eth_getBlockByNumber', [`0x${block.toString(16)}`, true]))
  const range = { fromBlock: '0x0', toBlock: 'latest' }
  found.push(await call(anvil.url, 'eth_getLogs', [range]))
  return JSON.stringify(found)
}

/** All that a party has: every row of every table as text, every payload, and every file in its folder. */
export async function everythingAt(party: Party): Promise<string> {
  const { read } = party.namespace.database
  const parts: string[] = []
  for (const [name] of tables.map((table) => table.split(' '))) {
    const rows = await read
      .selectFrom(toCamel(name ?? '') as 'payloads')
      .selectAll()
      .execute()
    for (const row of rows) {
      parts.push(JSON.stringify(row))
      for (const value of Object.values(row))
        if (value instanceof Uint8Array) parts.push(Buffer.from(value).toString('latin1'))
    }
  }
  for (const entry of await readdir(party.folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) parts.push(await readFile(join(entry.parentPath, entry.name), 'latin1'))
  return parts.join('\n')
}

const toCamel = (name: string): string =>
  name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
