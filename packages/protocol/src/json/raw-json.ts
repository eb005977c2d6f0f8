/** A JSON value kept as its canonical text: exactly what was written, hashed and stored. */
export class RawJson {
  readonly text: string

  /** `text` is taken as canonical; use `jsonAnyText` for text that may not be. */
  constructor(text: string) {
    this.text = text
  }

  /** The value as JavaScript sees it: numbers as floats, the last of duplicate keys. */
  value(): unknown {
    return JSON.parse(this.text)
  }
}

/** `T` with each kept JSON text as an ordinary value: how a client sees it. */
export type Plain<T> = T extends RawJson
  ? unknown
  : T extends readonly (infer E)[]
    ? Plain<E>[]
    : T extends object
      ? { [K in keyof T]: Plain<T[K]> }
      : T
