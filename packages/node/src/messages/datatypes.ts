import { NodeError, RawJson } from '@concordat/protocol'
import { Ajv2020, type AnySchemaObject, type ValidateFunction } from 'ajv/dist/2020.js'
import { RE2JS } from 're2js'
import type { Database, Transaction } from '../store/database.ts'
import type { DatatypeRow } from '../store/schema.ts'

/** What a message says its data is. */
export interface DataClaim {
  readonly validator: string
  readonly datatype?: { readonly name?: string; readonly version?: string } | undefined
  /** Canonical JSON text. */
  readonly value?: string | undefined
}

/** A datatype that applies to pins after `position`. */
export interface KnownDatatype {
  readonly row: DatatypeRow
  readonly validate: ValidateFunction
}

const CACHE = 500

/** The datatypes of a namespace: never change once confirmed, so compiled ones are kept. */
export class Datatypes {
  readonly #namespace: string
  readonly #database: Database
  readonly #cache = new Map<string, KnownDatatype>()

  constructor(namespace: string, database: Database) {
    this.#namespace = namespace
    this.#database = database
  }

  /** `tx` when the caller is in a transaction, whose own writes it must see. */
  async find(name: string, version: string, tx?: Transaction): Promise<KnownDatatype | undefined> {
    const key = `${name}\n${version}`
    const cached = this.#cache.get(key)
    if (cached) return cached
    const row = await (tx?.db ?? this.#database.read)
      .selectFrom('datatypes')
      .selectAll()
      .where('namespace', '=', this.#namespace)
      .where('name', '=', name)
      .where('version', '=', version)
      .executeTakeFirst()
    return row && this.remember(row)
  }

  /** Puts a confirmed datatype where `find` sees it; called in the transaction that writes it. */
  remember(row: DatatypeRow): KnownDatatype {
    const known = { row, validate: compileSchema(row.value) }
    if (this.#cache.size >= CACHE) this.#cache.clear()
    this.#cache.set(`${row.name}\n${row.version}`, known)
    return known
  }

  forget(): void {
    this.#cache.clear()
  }
}

/** Compiles a JSON Schema (draft 2020-12), or throws FF10196. Patterns run on RE2, so that none can take for ever. */
export function compileSchema(text: string): ValidateFunction {
  const ajv = new Ajv2020({
    strict: false,
    logger: false,
    validateFormats: false,
    code: { regExp: re2 },
  })
  try {
    return ajv.compile(schemaOf(text))
  } catch (cause) {
    throw new NodeError(
      'FF10196',
      { reason: cause instanceof Error ? cause.message : 'unknown' },
      { cause },
    )
  }
}

function schemaOf(text: string): AnySchemaObject | boolean {
  const schema = new RawJson(text).value()
  if (
    typeof schema === 'boolean' ||
    (typeof schema === 'object' && schema !== null && !Array.isArray(schema))
  )
    return schema
  throw new Error('a schema is an object or a boolean')
}

/** The part of RegExp that Ajv uses. */
const re2 = Object.assign(
  (pattern: string) => {
    const compiled = RE2JS.compile(RE2JS.translateRegExp(pattern))
    return { test: (value: string) => compiled.matcher(value).find(), source: pattern } as RegExp
  },
  { code: 'undefined' },
)

/** The first thing wrong with a value under a schema, for people. */
export const describeErrors = (validate: ValidateFunction): string =>
  (validate.errors ?? [])
    .map(({ instancePath, message }) => `${instancePath || '/'} ${message ?? 'is invalid'}`)
    .join('; ')
