import {
  canonicalJson,
  definitionHash,
  type JsonMap,
  type LoadedDefinition,
  loadDefinition,
  parseStrict,
} from '@concordat/protocol/process'
import type { Database, Transaction } from '../store/database.ts'
import type { FlowRow } from '../store/process-schema.ts'

/** A definition as the messages brought it. */
export interface Announced {
  readonly definition: JsonMap
  readonly author: string
  readonly message: string
  /** Null when it was told to all. */
  readonly group: string | null
  readonly position: string
}

/** What a definition's hash stands for. */
export type FoundFlow =
  | { readonly kind: 'loaded'; readonly definition: LoadedDefinition; readonly row: FlowRow }
  | { readonly kind: 'unsupported'; readonly row: FlowRow }
  | { readonly kind: 'refused'; readonly row: FlowRow }

type Reader = Pick<Database, 'read'>['read']

const CACHE = 200

/** The definitions of a namespace: rows, and what was made of them. */
export class Flows {
  readonly #namespace: string
  readonly #loaded = new Map<string, LoadedDefinition>()

  constructor(namespace: string) {
    this.#namespace = namespace
  }

  /** Keeps a definition that was pinned. The same document again, for the same readers, changes nothing. */
  async keep(
    tx: Transaction,
    { definition, author, message, group, position }: Announced,
    /** Padded. */
    now: string,
  ): Promise<void> {
    const hash = definitionHash(definition)
    if (await this.#isKnown(tx.db, hash, group)) return
    const result = loadDefinition(definition)
    const name = labelOf(definition.name)
    const version = labelOf(definition.version)
    const taken =
      result.outcome === 'loaded' && group === null && (await this.#isTaken(tx, name, version))
    const title = definition.title
    await tx.insertMany('flows', [
      {
        seq: tx.sequence('flows', 1),
        namespace: this.#namespace,
        hash,
        name,
        version,
        title: title === undefined ? null : labelOf(title),
        document: canonicalJson(definition),
        outcome: taken ? 'taken' : result.outcome,
        faults: JSON.stringify(result.faults),
        warnings: JSON.stringify(result.warnings),
        author,
        message,
        groupHash: group,
        position,
        created: now,
      },
    ])
  }

  /** What a hash stands for; undefined if nobody has told its document here. */
  async find(db: Reader, hash: string): Promise<FoundFlow | undefined> {
    const row = await db
      .selectFrom('flows')
      .selectAll()
      .where('namespace', '=', this.#namespace)
      .where('hash', '=', hash)
      .orderBy('seq')
      .limit(1)
      .executeTakeFirst()
    return row && this.#open(row)
  }

  /** The definition of a row that was found usable. Throws RangeError for another. */
  load(row: Pick<FlowRow, 'hash' | 'document'>): LoadedDefinition {
    const known = this.#loaded.get(row.hash)
    if (known) return known
    const { definition } = loadDefinition(parseStrict(row.document))
    if (!definition) throw new RangeError(`Definition ${row.hash} can't be loaded`)
    const [oldest] = this.#loaded.keys()
    if (this.#loaded.size >= CACHE && oldest !== undefined) this.#loaded.delete(oldest)
    this.#loaded.set(row.hash, definition)
    return definition
  }

  #open(row: FlowRow): FoundFlow {
    if (row.outcome === 'refused') return { kind: 'refused', row }
    // What was not supported once may be by now.
    if (row.outcome === 'unsupported' && !loadDefinition(parseStrict(row.document)).definition) {
      return { kind: 'unsupported', row }
    }
    return { kind: 'loaded', definition: this.load(row), row }
  }

  async #isKnown(db: Reader, hash: string, group: string | null): Promise<boolean> {
    const row = await db
      .selectFrom('flows')
      .select('seq')
      .where('namespace', '=', this.#namespace)
      .where('hash', '=', hash)
      .where('groupHash', group === null ? 'is' : '=', group)
      .executeTakeFirst()
    return row !== undefined
  }

  async #isTaken({ db }: Transaction, name: string, version: string): Promise<boolean> {
    const row = await db
      .selectFrom('flows')
      .select('seq')
      .where('namespace', '=', this.#namespace)
      .where('name', '=', name)
      .where('version', '=', version)
      .where('groupHash', 'is', null)
      .where('outcome', '=', 'loaded')
      .executeTakeFirst()
    return row !== undefined
  }
}

/** More than a sound definition may have. */
const MAX_LABEL = 200

/** As it is shown, and as every database takes it: unsound definitions have names of any kind. */
const labelOf = (value: unknown): string =>
  typeof value === 'string'
    ? value.slice(0, MAX_LABEL).toWellFormed().replaceAll('\0', '\ufffd')
    : ''
