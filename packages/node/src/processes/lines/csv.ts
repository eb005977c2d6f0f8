import { LINE_LIMIT, LineTooLong } from './text-lines.ts'

/** One record as a line of CSV (RFC 4180), with its end. */
export const toCsv = (cells: readonly string[]): string => `${cells.map(quote).join(',')}\r\n`

const quote = (cell: string): string =>
  /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell

/** A record, and the line it begins on, from 1. */
export interface CsvRecord {
  readonly line: number
  readonly cells: readonly string[]
}

/** Reads CSV as it comes. Records without a character are left out. Throws what is longer than a line may be. */
export async function* readCsv(chunks: AsyncIterable<string>): AsyncGenerator<CsvRecord> {
  const reader = new CsvReader()
  for await (const chunk of chunks) yield* reader.take(chunk)
  yield* reader.end()
}

/** Reads character by character; `quoted` and `closing` are within quotes, and after a quote in them. */
class CsvReader {
  #state: 'plain' | 'quoted' | 'closing' = 'plain'
  #cell = ''
  #cells: string[] = []
  #length = 0
  #line = 1
  #begin = 1
  #wasReturn = false

  take(chunk: string): CsvRecord[] {
    const records: CsvRecord[] = []
    for (const char of chunk) {
      this.#length += char.length
      if (this.#length > LINE_LIMIT) throw new LineTooLong(this.#begin)
      const ends = this.#read(char)
      if (char === '\n' && !this.#wasReturn) this.#line += 1
      if (char === '\r') this.#line += 1
      this.#wasReturn = char === '\r'
      if (ends) records.push(...this.end())
    }
    return records
  }

  /** The record as far as it goes. */
  end(): CsvRecord[] {
    const isEmpty = this.#cells.length === 0 && this.#cell === ''
    this.#next()
    const record = { line: this.#begin, cells: this.#cells }
    this.#cells = []
    this.#length = 0
    this.#begin = this.#line
    return isEmpty ? [] : [record]
  }

  /** True at the end of a record. */
  #read(char: string): boolean {
    if (this.#state === 'quoted') {
      if (char === '"') this.#state = 'closing'
      else this.#cell += char
      return false
    }
    if (char === '"') {
      if (this.#state === 'closing') this.#cell += '"'
      this.#state = 'quoted'
      return false
    }
    this.#state = 'plain'
    if (char === '\r' || char === '\n') return true
    if (char === ',') this.#next()
    else this.#cell += char
    return false
  }

  #next(): void {
    this.#cells.push(this.#cell)
    this.#cell = ''
  }
}
