import type { Database, Transaction } from '../store/database.ts'
import type { IdentityRow, VerifierRow } from '../store/schema.ts'

export interface KnownIdentity {
  readonly row: IdentityRow
  /** Set at registration, and never changed: the first confirmed claim fixes it. */
  readonly verifier: VerifierRow
}

/**
 * Every registered identity of a namespace, in memory: the recogniser asks it for each pin. Written only by the aggregator
 * (and, in gateway mode, by the network engine), inside the transaction that writes the rows.
 */
export class Directory {
  readonly #namespace: string
  readonly #database: Database
  #byDid = new Map<string, KnownIdentity>()
  #byId = new Map<string, KnownIdentity>()
  #byVerifier = new Map<string, KnownIdentity>()

  private constructor(namespace: string, database: Database) {
    this.#namespace = namespace
    this.#database = database
  }

  static async load(namespace: string, database: Database): Promise<Directory> {
    const directory = new Directory(namespace, database)
    await directory.reload()
    return directory
  }

  /** Forgets what a rolled-back transaction put in. */
  async reload(): Promise<void> {
    const { identities, verifiers } = await this.#database.transaction(async ({ db }) => ({
      identities: await db
        .selectFrom('identities')
        .selectAll()
        .where('namespace', '=', this.#namespace)
        .orderBy('seq')
        .execute(),
      verifiers: await db
        .selectFrom('verifiers')
        .selectAll()
        .where('namespace', '=', this.#namespace)
        .execute(),
    }))
    const verifierOf = new Map(verifiers.map((verifier) => [verifier.identity, verifier]))
    this.#byDid = new Map()
    this.#byId = new Map()
    this.#byVerifier = new Map()
    for (const row of identities) {
      const verifier = verifierOf.get(row.id)
      if (verifier) this.#add({ row, verifier })
    }
  }

  byDid(did: string): KnownIdentity | undefined {
    return this.#byDid.get(did)
  }

  byId(id: string): KnownIdentity | undefined {
    return this.#byId.get(id)
  }

  byVerifier(type: string, value: string): KnownIdentity | undefined {
    return this.#byVerifier.get(`${type}|${value}`)
  }

  nodes(): KnownIdentity[] {
    return [...this.#byId.values()].filter(({ row }) => row.type === 'node')
  }

  byTypeAndName(type: string, name: string): KnownIdentity | undefined {
    for (const known of this.#byId.values())
      if (known.row.type === type && known.row.name === name) return known
    return undefined
  }

  /** Whether `did` is the identity `id` or one of its ancestors. */
  isSelfOrAncestor(did: string, id: string): boolean {
    const seen = new Set<string>()
    for (
      let at = this.#byId.get(id);
      at && !seen.has(at.row.id);
      at = at.row.parent ? this.#byId.get(at.row.parent) : undefined
    ) {
      if (at.row.did === did) return true
      seen.add(at.row.id)
    }
    return false
  }

  /**
   * A node by its id, if it may receive for an identity: it is that one's own, or an ancestor's. Ids are what claims say they
   * are, so that a node could go by another's.
   */
  nodeFor(did: string, nodeId: string): KnownIdentity | undefined {
    const node = this.#byId.get(nodeId)
    const owner = this.#byId.get(node?.row.parent ?? '')
    const identity = this.#byDid.get(did)
    if (node?.row.type !== 'node' || !owner || !identity) return undefined
    return this.isSelfOrAncestor(owner.row.did, identity.row.id) ? node : undefined
  }

  /** The first node owned by an identity, or by the nearest ancestor that owns one. */
  nodeOf(id: string): KnownIdentity | undefined {
    const seen = new Set<string>()
    for (
      let at = this.#byId.get(id);
      at && !seen.has(at.row.id);
      at = at.row.parent ? this.#byId.get(at.row.parent) : undefined
    ) {
      for (const node of this.#byId.values())
        if (node.row.type === 'node' && node.row.parent === at.row.id) return node
      seen.add(at.row.id)
    }
    return undefined
  }

  async register(tx: Transaction, identity: IdentityRow, verifier: VerifierRow): Promise<void> {
    await tx.insertMany('identities', [identity])
    await tx.insertMany('verifiers', [verifier])
    this.#add({ row: identity, verifier })
  }

  /** Replaces description and profile. */
  async update(tx: Transaction, row: IdentityRow): Promise<void> {
    const { id, description, profile, updateMessage, updated } = row
    await tx.db
      .updateTable('identities')
      .set({ description, profile, updateMessage, updated })
      .where('namespace', '=', this.#namespace)
      .where('id', '=', id)
      .execute()
    const known = this.#byId.get(id)
    if (known) this.#add({ row, verifier: known.verifier })
  }

  #add(known: KnownIdentity): void {
    this.#byDid.set(known.row.did, known)
    this.#byId.set(known.row.id, known)
    this.#byVerifier.set(`${known.verifier.type}|${known.verifier.value}`, known)
  }
}
