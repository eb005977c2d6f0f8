import { parseCheckpoint } from './chain/checkpoint.ts'
import type { NodeConfig } from './config/config.ts'
import type { PeerProfile } from './exchange/exchange.ts'
import { type Look, lookInto } from './store/look.ts'

/** A node that is registered in one of the namespaces. */
export interface RegisteredNode {
  readonly namespace: string
  readonly did: string
  readonly profile: PeerProfile
}

/** How far a namespace has read a contract. */
export interface ReadSoFar {
  readonly namespace: string
  readonly contract: string
  /** Hash of block 0 of the chain it was read from. */
  readonly genesis: string
  readonly block: number
}

/** What a node knows already, read beside it: for whoever checks its configuration. */
export interface KnownSoFar {
  readonly missing: readonly string[]
  readonly unknown: string | undefined
  readonly nodes: readonly RegisteredNode[]
  readonly read: readonly ReadSoFar[]
}

/** Undefined if there is no database yet. Rejects if it can't be read. */
export async function readKnown({ database }: NodeConfig): Promise<KnownSoFar | undefined> {
  const look = await lookInto(database)
  if (!look) return undefined
  await using opened = look
  const { missing, unknown } = opened
  const isWhole = missing.length === 0 && unknown === undefined
  return {
    missing,
    unknown,
    nodes: isWhole ? await readNodes(opened) : [],
    read: isWhole ? await readCheckpoints(opened) : [],
  }
}

async function readNodes({ read }: Look): Promise<RegisteredNode[]> {
  const rows = await read
    .selectFrom('identities')
    .select(['namespace', 'did', 'profile'])
    .where('type', '=', 'node')
    .orderBy('seq')
    .execute()
  return rows.flatMap(({ namespace, did, profile: text }) => {
    const profile: Partial<Record<keyof PeerProfile, unknown>> = JSON.parse(text ?? '{}')
    const { id, endpoint, cert } = profile
    return typeof id === 'string' && typeof endpoint === 'string' && typeof cert === 'string'
      ? [{ namespace, did, profile: { id, endpoint, cert } }]
      : []
  })
}

async function readCheckpoints({ read }: Look): Promise<ReadSoFar[]> {
  const rows = await read.selectFrom('chainCheckpoints').selectAll().execute()
  return rows.map(({ name, checkpoint }) => {
    const [namespace = '', contract = ''] = name.split('|')
    const { genesis, number: block } = parseCheckpoint(checkpoint)
    return { namespace, contract, genesis, block }
  })
}
