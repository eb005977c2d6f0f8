/** Characters of one line at most. */
export const LINE_LIMIT = 1_048_576

/** A line that is longer than any may be: what follows it is not read. */
export class LineTooLong extends Error {
  readonly line: number

  constructor(line: number) {
    super(`longer than ${LINE_LIMIT} characters`)
    this.line = line
  }
}

const NEWLINE = 10

/** Bytes as text, no piece longer than a line. Throws a TypeError for what is not UTF-8, once all before that line is told. */
export async function* toText(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  for await (const chunk of bytes) {
    for (let start = 0; start < chunk.length; ) {
      const newline = chunk.indexOf(NEWLINE, start)
      const end = newline === -1 ? chunk.length : newline + 1
      yield decoder.decode(chunk.subarray(start, end), { stream: true })
      start = end
    }
  }
  yield decoder.decode()
}

export interface TextLine {
  /** From 1. */
  readonly line: number
  readonly text: string
}

/** The lines of a text as it comes, without those that are blank. */
export async function* readLines(chunks: AsyncIterable<string>): AsyncGenerator<TextLine> {
  let rest = ''
  let line = 1
  for await (const chunk of chunks) {
    const parts = (rest + chunk).split('\n')
    rest = parts.pop() ?? ''
    for (const text of parts) {
      if (text.length > LINE_LIMIT) throw new LineTooLong(line)
      if (text.trim() !== '') yield { line, text }
      line += 1
    }
    if (rest.length > LINE_LIMIT) throw new LineTooLong(line)
  }
  if (rest.trim() !== '') yield { line, text: rest }
}
