import Type from 'typebox'
import type { RawJson } from '../json/raw-json.ts'

export const Uuid = Type.String({ format: 'uuid' })
/** 32 bytes, 64 lower-case hex digits. */
export const Hash = Type.String({ pattern: '^[0-9a-f]{64}$' })
/** RFC 3339 in UTC, up to nine fraction digits, trailing zeros trimmed. */
export const Time = Type.String({ format: 'date-time' })
/** A duration as `500ms` or `1m30s`, or whole milliseconds. */
export const Duration = Type.Union([Type.String(), Type.Integer()])

/** Any JSON a user wrote; in memory its canonical text. */
export const UserJson = Type.Unsafe<RawJson>({})
/** A JSON object the node wrote: plain, or its stored text. */
export const JsonObject = Type.Unsafe<RawJson | Record<string, unknown>>({ type: 'object' })
export const Profile = Type.Record(Type.String(), Type.Unknown())

/** One of `names` as far as this version knows: a newer member may know more. */
export const oneOf = (names: readonly string[]) =>
  Type.Unsafe<string>({ type: 'string', enum: [...names] })
