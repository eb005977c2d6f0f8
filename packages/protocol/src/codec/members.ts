import { stringifyGo } from '../json/stringify.ts'

/** A further member of an object; nothing if the text is absent or empty (Go's `omitempty`). */
export const optional = (key: string, text: string | undefined): string =>
  text === undefined || text === '' ? '' : `,"${key}":${stringifyGo(text)}`
