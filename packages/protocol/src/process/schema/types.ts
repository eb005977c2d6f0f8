import type { Json } from '../values/value.ts'

export type SchemaType = 'null' | 'boolean' | 'integer' | 'string' | 'array' | 'object'

/** Formats that the profile knows; each is our own function. */
export type SchemaFormat =
  | 'decimal'
  | 'integer'
  | 'uuid'
  | 'date'
  | 'date-time'
  | 'uri'
  | 'did'
  | 'hash'

/** The part of JSON Schema 2020-12 that decides steps: no patterns, no recursion, no fractions. */
export type ProfileSchema = boolean | ProfileSchemaObject

export interface ProfileSchemaObject {
  readonly title?: string
  readonly description?: string
  /** Told to forms; never filled in. */
  readonly default?: Json
  readonly type?: SchemaType | readonly SchemaType[]
  readonly enum?: readonly Json[]
  readonly const?: Json
  readonly required?: readonly string[]
  readonly properties?: { readonly [name: string]: ProfileSchema }
  readonly additionalProperties?: ProfileSchema
  readonly items?: ProfileSchema
  readonly minItems?: number
  readonly maxItems?: number
  /** In code points. */
  readonly minLength?: number
  /** In code points. */
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly format?: SchemaFormat
  readonly oneOf?: readonly ProfileSchema[]
  readonly $ref?: string
  readonly $defs?: { readonly [name: string]: ProfileSchema }
}
