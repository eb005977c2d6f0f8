import { nodeDid, orgDid } from '@concordat/protocol'
import type { Database } from '../store/database.ts'
import { migrate } from '../store/migrate.ts'
import type { IdentityRow, VerifierRow } from '../store/schema.ts'
import { openSqlite } from '../store/sqlite.ts'
import type { Directory } from './directory.ts'

const TIME = '2024-01-01T00:00:00.000000000Z'

export interface TestIdentity {
  readonly id: string
  readonly type: 'org' | 'node' | 'custom'
  readonly name: string
  readonly parent?: string
  readonly key: string
}

export async function openTestDatabase(): Promise<Database> {
  const database = await openSqlite({ file: ':memory:' })
  await migrate(database, { auto: true, now: TIME })
  return database
}

/** The rows of a registered identity: its did follows from its type and name. */
export function identityRows(
  { id, type, name, parent, key }: TestIdentity,
  seq: number,
): { readonly identity: IdentityRow; readonly verifier: VerifierRow } {
  const did =
    type === 'org' ? orgDid(name) : type === 'node' ? nodeDid(name) : `did:firefly:${name}`
  const common = { seq, namespace: 'default', created: TIME }
  return {
    identity: {
      ...common,
      id,
      did,
      type,
      parent: parent ?? null,
      name,
      description: null,
      profile: null,
      claimMessage: null,
      verificationMessage: null,
      updateMessage: null,
      updated: TIME,
    },
    verifier: {
      ...common,
      hash: id,
      identity: id,
      type: type === 'node' ? 'dx_peer_id' : 'ethereum_address',
      value: key,
      position: seq,
    },
  }
}

export async function registerAll(
  database: Database,
  directory: Directory,
  identities: readonly TestIdentity[],
): Promise<void> {
  await database.transaction(async (tx) => {
    for (const given of identities) {
      const { identity, verifier } = identityRows(given, tx.sequence('identities', 1))
      await directory.register(tx, identity, verifier)
    }
  })
}
