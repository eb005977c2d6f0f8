/** How a field's text is understood and compared. */
export type FieldKind =
  | 'text'
  | 'list'
  | 'uuid'
  | 'hash'
  | 'json'
  | 'time'
  | 'seconds'
  | 'integer'
  | 'boolean'
  | 'value'

export interface FieldSpec {
  readonly kind: FieldKind
  /** The column in camelCase; null when nothing is kept, so that it is null in every row. */
  readonly column: string | null
  /** Of kind `value`, which is no column but an entry in `process_values`. */
  readonly place?: ValuePlace
}

/** What a process holds, by the name that callers use: `state.price`. */
export interface ValuePlace {
  readonly namespace: string
  readonly name: string
}

/** By the name that callers use, in lower case; parts of processes with the case of their definition. */
export type FilterFields = Readonly<Record<string, FieldSpec>>

const of =
  (kind: FieldKind) =>
  (column: string | null): FieldSpec => ({ kind, column })

export const text = of('text')
/** Comma-joined in one column, and compared so. */
export const list = of('list')
export const uuid = of('uuid')
export const hash = of('hash')
export const json = of('json')
export const time = of('time')
/** A time of whole seconds, kept as Unix seconds. */
export const seconds = of('seconds')
export const integer = of('integer')
export const boolean = of('boolean')

export const heldValue = (namespace: string, name: string): FieldSpec => ({
  kind: 'value',
  column: null,
  place: { namespace, name },
})

/** Kinds whose missing value is an empty text to callers. */
export const isBlankWhenNull = (kind: FieldKind): boolean => kind === 'text' || kind === 'list'

/** Kinds that have no text to look into. */
export const isNotText = (kind: FieldKind): boolean =>
  kind === 'time' || kind === 'seconds' || kind === 'integer' || kind === 'boolean'
