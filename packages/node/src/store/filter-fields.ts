/** How a field's text is understood and compared. */
export type FieldKind = 'text' | 'list' | 'uuid' | 'hash' | 'json' | 'time' | 'integer' | 'boolean'

export interface FieldSpec {
  readonly kind: FieldKind
  /** The column in camelCase; null when nothing is kept, so that it is null in every row. */
  readonly column: string | null
}

/** By the name that callers use, in lower case. */
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
export const integer = of('integer')
export const boolean = of('boolean')

/** Kinds whose missing value is an empty text to callers. */
export const isBlankWhenNull = (kind: FieldKind): boolean => kind === 'text' || kind === 'list'

/** Kinds that have no text to look into. */
export const isNotText = (kind: FieldKind): boolean =>
  kind === 'time' || kind === 'integer' || kind === 'boolean'
