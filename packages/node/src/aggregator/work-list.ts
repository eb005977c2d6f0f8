import { sql } from 'kysely'
import type { Database } from '../store/database.ts'

export type ContextKind = 'broadcast' | 'private'

const HASHES_AT_ONCE = 500

/** The contexts that may have something to decide, each once. After a start, everything open is among them. */
export class WorkList {
  readonly #database: Database
  readonly #namespace: string
  readonly #contexts = new Map<string, ContextKind>()
  readonly #signers: string[] = []
  #masked: string[] = []
  #scanned = false

  constructor(database: Database, namespace: string) {
    this.#database = database
    this.#namespace = namespace
  }

  get hasMore(): boolean {
    return this.#contexts.size > 0 || this.#masked.length > 0
  }

  add(kind: ContextKind, context: string): void {
    this.#contexts.set(context, kind)
  }

  /** Masked pins that were read: which contexts they belong to is found by the hashes that come next. */
  addMasked(hashes: readonly string[]): void {
    this.#masked = this.#masked.concat(hashes)
  }

  /** A key that was registered: what it pinned before may now be judged. */
  addSigner(key: string): void {
    this.#signers.push(key)
  }

  /** Takes up to `max` contexts off the list. */
  take(max: number): [string, ContextKind][] {
    const work = [...this.#contexts].slice(0, max)
    for (const [context] of work) this.#contexts.delete(context)
    return work
  }

  /** Finds the contexts of what was added by other names. */
  async resolve(): Promise<void> {
    if (!this.#scanned) await this.#scan()
    if (this.#masked.length > 0) await this.#resolveMasked()
    if (this.#signers.length > 0) await this.#addTopics(this.#signers.splice(0))
  }

  async #scan(): Promise<void> {
    await this.#addTopics()
    const contexts = await this.#database.read
      .selectFrom('pins')
      .innerJoin('nextpins', (join) =>
        join
          .onRef('nextpins.hash', '=', 'pins.hash')
          .onRef('nextpins.namespace', '=', 'pins.namespace'),
      )
      .select('nextpins.context')
      .distinct()
      .where('pins.namespace', '=', this.#namespace)
      .where('pins.masked', '=', 1)
      .where('pins.dispatched', '=', sql.lit(0))
      .execute()
    for (const { context } of contexts) this.add('private', context)
    this.#scanned = true
  }

  /** The topics of open broadcast pins: of all, or of some signers. */
  async #addTopics(signers?: readonly string[]): Promise<void> {
    const topics = await this.#database.read
      .selectFrom('pins')
      .select('hash')
      .distinct()
      .where('namespace', '=', this.#namespace)
      .where('dispatched', '=', sql.lit(0))
      .where('masked', '=', 0)
      .$if(signers !== undefined, (query) => query.where('signer', 'in', signers ?? []))
      .execute()
    for (const { hash } of topics) this.add('broadcast', hash)
  }

  async #resolveMasked(): Promise<void> {
    const hashes = this.#masked.splice(0, HASHES_AT_ONCE)
    const rows = await this.#database.read
      .selectFrom('nextpins')
      .select('context')
      .distinct()
      .where('namespace', '=', this.#namespace)
      .where('hash', 'in', hashes)
      .execute()
    for (const { context } of rows) this.add('private', context)
  }
}
