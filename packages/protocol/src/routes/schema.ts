import Type, { type TObject, type TSchema, type TString } from 'typebox'
import { UserJson } from '../model/scalars.ts'

/*
 * What callers send is judged leniently: every field may be left out or null (the server drops nulls before it looks),
 * and unknown fields are ignored.
 */
export const text = Type.Optional(Type.String())
export const integer = Type.Optional(Type.Integer())
export const texts = Type.Optional(Type.Array(Type.String()))
export const UUID_PATTERN =
  '^$|^(urn:uuid:)?\\{?[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}\\}?$'
export const HASH_PATTERN = '^$|^(0x)?[0-9a-fA-F]{64}$'
export const uuid = Type.Optional(Type.String({ pattern: UUID_PATTERN }))
export const hash = Type.Optional(Type.String({ pattern: HASH_PATTERN }))
/** Any JSON of a user's: kept as text. */
export const userJson = Type.Optional(UserJson)
export const listOf = <T extends TSchema>(item: T) => Type.Optional(Type.Array(item))
export const part = <T extends TSchema>(schema: T) => Type.Optional(schema)

/** A body without input. */
export const NoInput = Type.Unsafe<Record<string, unknown>>({})
/** No reply. */
export const Nothing = Type.Undefined()

export const pathParams = <const N extends string>(...names: N[]): TObject<Record<N, TString>> =>
  Type.Object(Object.fromEntries(names.map((name) => [name, Type.String()])) as Record<N, TString>)

/** Text that may be missing in a reply. */
export const maybe = Type.Optional(Type.String())

/** A list, or with `count` the page with its total. */
export const page = <T extends TSchema>(item: T) => Type.Array(item)
