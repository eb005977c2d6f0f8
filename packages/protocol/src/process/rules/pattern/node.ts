/** Pairs of first and last code point, ascending, apart from each other. */
export type Ranges = readonly number[]

/** Where a place in the text is that takes no character: `^`, `$`, `\b`, `\B`. */
export type Anchor = 'start' | 'end' | 'boundary' | 'no-boundary'

export type PatternNode =
  | { readonly kind: 'set'; readonly ranges: Ranges }
  | { readonly kind: 'anchor'; readonly anchor: Anchor }
  | { readonly kind: 'sequence' | 'choice'; readonly parts: readonly PatternNode[] }
  | {
      readonly kind: 'repeat'
      readonly of: PatternNode
      readonly least: number
      readonly most: number
    }
