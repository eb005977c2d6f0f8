import { type Json, type JsonMap, parseStrict } from '@concordat/protocol/process'
import { type CsvRecord, readCsv } from './csv.ts'
import { LineTooLong, readLines, toText } from './text-lines.ts'

/** A step that is handed in on a line. */
export interface StepLine {
  readonly process: string
  readonly step: string
  /** One wish, the same each time the line is handed in: by it a line is known again. */
  readonly intent: string
  readonly role?: string | undefined
  readonly expect?: { readonly n: number } | undefined
  /** Values of JSON; texts of a table's cells, if they are still to be read as the step's input says. */
  readonly input: JsonMap | ReadonlyMap<string, string>
}

export interface NumberedLine {
  /** From 1. */
  readonly line: number
  readonly read: StepLine | BadLine
}

/** Why there is no step on a line. */
export class BadLine {
  readonly reason: string

  constructor(reason: string) {
    this.reason = reason
  }
}

export type LineFormat = 'jsonl' | 'csv'

/** Reads steps as they come. What can't be read is told on its line; text that can't be divided into lines ends it. */
export async function* readStepLines(
  bytes: AsyncIterable<Uint8Array>,
  format: LineFormat,
): AsyncGenerator<NumberedLine> {
  let line = 0
  try {
    const lines = format === 'csv' ? fromCsv(toText(bytes)) : fromJson(toText(bytes))
    for await (const each of lines) {
      line = each.line
      yield each
    }
  } catch (error) {
    if (error instanceof LineTooLong) yield { line: error.line, read: new BadLine(error.message) }
    else if (error instanceof TypeError)
      yield { line: line + 1, read: new BadLine('what follows is no UTF-8') }
    else throw error
  }
}

async function* fromJson(text: AsyncIterable<string>): AsyncGenerator<NumberedLine> {
  for await (const { line, text: written } of readLines(text))
    yield { line, read: readJson(written) }
}

function readJson(written: string): NumberedLine['read'] {
  try {
    return toStepLine(parseStrict(written))
  } catch (error) {
    return new BadLine(error instanceof Error ? error.message : 'it is no JSON')
  }
}

const KEYS = new Set(['process', 'step', 'intent', 'role', 'expect', 'input'])

/** A line's JSON as a step. */
export function toStepLine(json: Json): NumberedLine['read'] {
  if (!isMap(json)) return new BadLine('it is no JSON object')
  const stranger = Object.keys(json).find((key) => !KEYS.has(key))
  if (stranger !== undefined) return new BadLine(`'${stranger.slice(0, 64)}' is unknown`)
  const { process, step, intent, role, expect, input = {} } = json
  for (const [name, value] of Object.entries({ process, step, intent }))
    if (typeof value !== 'string' || value === '') return new BadLine(`${name} is missing`)
  if (role !== undefined && typeof role !== 'string') return new BadLine('role is no text')
  if (!isMap(input)) return new BadLine('input is no JSON object')
  const n = isMap(expect) ? expect.n : undefined
  if (expect !== undefined && typeof n !== 'number') return new BadLine('expect has no number n')
  return {
    process: `${process}`,
    step: `${step}`,
    intent: `${intent}`,
    role,
    ...(typeof n === 'number' && { expect: { n } }),
    input,
  }
}

const isMap = (json: Json | undefined): json is JsonMap =>
  typeof json === 'object' && json !== null && !Array.isArray(json)

const COLUMNS = new Set(['process', 'step', 'intent', 'role', 'expect', 'input'])

async function* fromCsv(text: AsyncIterable<string>): AsyncGenerator<NumberedLine> {
  let columns: readonly string[] | undefined
  for await (const record of readCsv(text)) {
    if (columns) {
      yield { line: record.line, read: readRecord(columns, record) }
      continue
    }
    columns = record.cells.map((cell) => cell.replace(/^\uFEFF/, '').trim())
    const flaw = flawOf(columns)
    if (flaw === undefined) continue
    yield { line: record.line, read: new BadLine(flaw) }
    return
  }
}

function flawOf(columns: readonly string[]): string | undefined {
  const stranger = columns.find((name) => !COLUMNS.has(name) && !name.startsWith('input.'))
  if (stranger !== undefined) return `column '${stranger.slice(0, 64)}' is unknown`
  if (new Set(columns).size < columns.length) return 'a column stands twice'
  const missing = ['process', 'step', 'intent'].find((name) => !columns.includes(name))
  return missing === undefined ? undefined : `column '${missing}' is missing`
}

/** An empty cell says nothing. */
function readRecord(columns: readonly string[], { cells }: CsvRecord): NumberedLine['read'] {
  if (cells.length > columns.length) return new BadLine('it has more cells than there are columns')
  const filled = columns.flatMap((name, i) => {
    const cell = cells[i] ?? ''
    return cell === '' ? [] : [[name, cell] as const]
  })
  const { input, expect, ...rest }: Record<string, string> = Object.fromEntries(
    filled.filter(([name]) => COLUMNS.has(name)),
  )
  const inputs = filled.filter(([name]) => name.startsWith('input.'))
  if (input !== undefined && inputs.length > 0)
    return new BadLine("it has both 'input' and columns for parts of it")
  if (expect !== undefined && !/^\d{1,15}$/.test(expect))
    return new BadLine('expect is no number of a decision')
  const json = input === undefined ? {} : readInput(input)
  if (json instanceof BadLine) return json
  const read = toStepLine({
    ...rest,
    input: json,
    ...(expect !== undefined && { expect: { n: Number(expect) } }),
  })
  if (read instanceof BadLine || inputs.length === 0) return read
  return { ...read, input: new Map(inputs.map(([name, cell]) => [name.slice(6), cell])) }
}

function readInput(text: string): Json | BadLine {
  try {
    return parseStrict(text)
  } catch (error) {
    return new BadLine(`input: ${error instanceof Error ? error.message : 'it is no JSON'}`)
  }
}
